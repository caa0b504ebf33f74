"""The audit trail can be added to and read; the database itself refuses everything else."""

from django.db import migrations

FORWARD = """
create function logs_audit_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only: % is refused', tg_op using errcode = 'insufficient_privilege';
end $$;
create trigger logs_audit_no_change before update or delete on logs_auditevent
    for each row execute function logs_audit_append_only();
create trigger logs_audit_no_truncate before truncate on logs_auditevent
    for each statement execute function logs_audit_append_only();
"""
BACKWARD = """
drop trigger logs_audit_no_truncate on logs_auditevent;
drop trigger logs_audit_no_change on logs_auditevent;
drop function logs_audit_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("logs", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
