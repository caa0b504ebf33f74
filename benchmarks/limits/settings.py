"""Django with nothing in it but a connection like the product's."""

import os

import dj_database_url

SECRET_KEY = "the limits sign nothing"
ROOT_URLCONF = "benchmarks.limits.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # it says how long an answer is
INSTALLED_APPS: list[str] = []
USE_TZ = True
_url = dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600)
DATABASES = {"default": {**_url, "HOST": _url.get("OPTIONS", {}).pop("host", _url["HOST"])}}
