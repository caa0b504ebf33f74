

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fraud_detection', '0003_custom_lists'),
        ('transactions', '0004_engine_events'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApplicantGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('applicant_id', models.CharField(max_length=128)),
                ('attribute', models.CharField(max_length=64)),
                ('group', models.CharField(max_length=64)),
                ('loaded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'ordering': ('attribute', 'applicant_id'),
            },
        ),
        migrations.CreateModel(
            name='CustomerPrediction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('probability', models.FloatField()),
                ('threshold', models.FloatField()),
                ('unpaid', models.BooleanField(verbose_name='likely to leave debts unpaid')),
                ('reasons', models.JSONField(default=list)),
                ('inputs_digest', models.CharField(max_length=32)),
                ('predicted_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='DeepSearch',
            fields=[
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='transactions.transaction')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'verbose_name_plural': 'deep searches',
                'ordering': ('event',),
            },
        ),
        migrations.CreateModel(
            name='HistoryUpload',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('filename', models.CharField(max_length=200)),
                ('size', models.PositiveBigIntegerField()),
                ('name', models.CharField(blank=True, max_length=64)),
                ('mapping', models.JSONField()),
                ('reasons', models.JSONField(default=dict)),
                ('stage', models.CharField(choices=[('draft', 'Mapping to be confirmed'), ('queued', 'Waiting'), ('importing', 'Importing'), ('done', 'Imported'), ('failed', 'Refused')], default='draft', max_length=16)),
                ('rows_read', models.PositiveBigIntegerField(default=0)),
                ('share_read', models.FloatField(default=0)),
                ('problem', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('created_by', models.CharField(blank=True, max_length=150)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='ImportedHistory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\\Z', 'A name has letters, digits, dots, dashes and underscores, begins with a letter or digit, and is at most 64 long.')])),
                ('mapping', models.JSONField()),
                ('report', models.JSONField()),
                ('rows', models.PositiveBigIntegerField()),
                ('positives', models.PositiveBigIntegerField()),
                ('directory', models.CharField(editable=False, max_length=120, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('created_by', models.CharField(blank=True, max_length=150)),
            ],
            options={
                'verbose_name_plural': 'imported histories',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='MonitoringSnapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('engine', models.CharField(choices=[('payments', 'Payments'), ('aml', 'Anti money laundering'), ('credit', 'Credit'), ('insurance', 'Insurance'), ('market', 'Market'), ('customers', 'Customers')], max_length=16)),
                ('model_version', models.CharField(blank=True, max_length=64)),
                ('kind', models.CharField(choices=[('drift_1d', 'Drift, last day'), ('drift_7d', 'Drift, last 7 days'), ('drift_30d', 'Drift, last 30 days'), ('calibration', 'Calibration'), ('outcomes', 'Outcomes by week')], max_length=16)),
                ('period', models.DateTimeField(help_text='The hour or day it stands for, UTC.')),
                ('as_of', models.DateTimeField(help_text='Nothing decided or known later has gone into it.')),
                ('n', models.PositiveIntegerField()),
                ('figures', models.JSONField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'ordering': ('-period', 'engine', 'kind', 'model_version'),
            },
        ),
        migrations.AddField(
            model_name='assessment',
            name='application',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='transactions.creditapplication'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='body_digest',
            field=models.BinaryField(help_text='Of the body this engine was sent, when another stored the event.', max_length=16, null=True),
        ),
        migrations.AddField(
            model_name='assessment',
            name='claim',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='transactions.insuranceclaim'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='details',
            field=models.JSONField(help_text='What this engine says beside the common decision.', null=True),
        ),
        migrations.AddField(
            model_name='assessment',
            name='market_event',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='transactions.marketevent'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='release_propensity',
            field=models.FloatField(help_text='The chance of a release it had, 0-1; empty: it was not eligible.', null=True),
        ),
        migrations.AddField(
            model_name='assessment',
            name='released',
            field=models.BooleanField(db_default=False, default=False, help_text='Approved by the random release although it scored higher.'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='shadow_scores',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='promoted_by',
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='report',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='revision',
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='stage_changed_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='stage_changed_by',
            field=models.CharField(blank=True, editable=False, max_length=150),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='author',
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='release_seed',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='release_share',
            field=models.FloatField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='settings',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='rulehit',
            name='late',
            field=models.BooleanField(db_default=False, default=False, help_text='Found by a deeper search, after the decision was made.'),
        ),
        migrations.AlterField(
            model_name='assessment',
            name='engine',
            field=models.CharField(choices=[('payments', 'Payments'), ('aml', 'Anti money laundering'), ('credit', 'Credit'), ('insurance', 'Insurance'), ('market', 'Market'), ('customers', 'Customers')], max_length=16),
        ),
        migrations.AlterField(
            model_name='enginestate',
            name='engine',
            field=models.CharField(choices=[('payments', 'Payments'), ('aml', 'Anti money laundering'), ('credit', 'Credit'), ('insurance', 'Insurance'), ('market', 'Market'), ('customers', 'Customers')], max_length=16, primary_key=True, serialize=False),
        ),
        migrations.AlterField(
            model_name='featuresetversion',
            name='engine',
            field=models.CharField(choices=[('payments', 'Payments'), ('aml', 'Anti money laundering'), ('credit', 'Credit'), ('insurance', 'Insurance'), ('market', 'Market'), ('customers', 'Customers')], max_length=16),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='engine',
            field=models.CharField(choices=[('payments', 'Payments'), ('aml', 'Anti money laundering'), ('credit', 'Credit'), ('insurance', 'Insurance'), ('market', 'Market'), ('customers', 'Customers')], max_length=16),
        ),
        migrations.AlterField(
            model_name='policyversion',
            name='engine',
            field=models.CharField(choices=[('payments', 'Payments'), ('aml', 'Anti money laundering'), ('credit', 'Credit'), ('insurance', 'Insurance'), ('market', 'Market'), ('customers', 'Customers')], max_length=16),
        ),
        migrations.AlterField(
            model_name='rule',
            name='engine',
            field=models.CharField(choices=[('payments', 'Payments'), ('aml', 'Anti money laundering'), ('credit', 'Credit'), ('insurance', 'Insurance'), ('market', 'Market'), ('customers', 'Customers')], max_length=16),
        ),
        migrations.AlterField(
            model_name='ruleset',
            name='engine',
            field=models.CharField(choices=[('payments', 'Payments'), ('aml', 'Anti money laundering'), ('credit', 'Credit'), ('insurance', 'Insurance'), ('market', 'Market'), ('customers', 'Customers')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(('release_share', 0), models.Q(('release_share__range', (0.001, 0.01)), models.Q(('release_seed', ''), _negated=True)), _connector='OR'), name='fraud_policy_release'),
        ),
        migrations.AddConstraint(
            model_name='applicantgroup',
            constraint=models.UniqueConstraint(fields=('attribute', 'applicant_id'), name='fraud_applicant_group_once'),
        ),
        migrations.AddField(
            model_name='customerprediction',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='predictions', to='users.customer'),
        ),
        migrations.AddField(
            model_name='customerprediction',
            name='model',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fraud_detection.modelversion'),
        ),
        migrations.AddField(
            model_name='historyupload',
            name='history',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='fraud_detection.importedhistory'),
        ),
        migrations.AddConstraint(
            model_name='monitoringsnapshot',
            constraint=models.UniqueConstraint(fields=('engine', 'model_version', 'kind', 'period'), name='fraud_snapshot_once'),
        ),
        migrations.AddIndex(
            model_name='customerprediction',
            index=models.Index(fields=['model', '-probability', '-customer'], name='fraud_customer_riskiest'),
        ),
        migrations.AddConstraint(
            model_name='customerprediction',
            constraint=models.UniqueConstraint(fields=('customer', 'model'), name='fraud_customer_prediction_once'),
        ),
        migrations.AddConstraint(
            model_name='customerprediction',
            constraint=models.CheckConstraint(condition=models.Q(('probability__range', (0, 1))), name='fraud_customer_probability'),
        ),
    ]
