from django.apps import AppConfig


class FraudDetectionConfig(AppConfig):
    name = "fraud_detection"
    verbose_name = "Detection"
