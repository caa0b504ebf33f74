"""Events leave the audit trail only below a checkpoint written by the same transaction; seals never do."""

from django.db import migrations

FORWARD = """
create or replace function logs_audit_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only: % is refused', tg_op
        using errcode = 'insufficient_privilege';
end $$;

create function logs_audit_checkpoint_sound() returns trigger language plpgsql as $$
begin
    if not exists (
        select from logs_auditseal where number = new.seal_id and last_id = new.last_id
    ) then
        raise exception 'a checkpoint names a seal that is there' using errcode = 'insufficient_privilege';
    end if;
    new.made_in := pg_current_xact_id()::text::bigint;
    return new;
end $$;
create trigger logs_audit_checkpoint_sound before insert on logs_auditcheckpoint
    for each row execute function logs_audit_checkpoint_sound();

create function logs_audit_purge_only() returns trigger language plpgsql as $$
begin
    if exists (
        select from logs_auditcheckpoint
        where made_in = pg_current_xact_id()::text::bigint and last_id >= old.id
    ) then
        return old;
    end if;
    raise exception 'the audit trail is append-only: % is refused', tg_op
        using errcode = 'insufficient_privilege';
end $$;
drop trigger logs_audit_no_change on logs_auditevent;
create trigger logs_audit_no_change before update on logs_auditevent
    for each row execute function logs_audit_append_only();
create trigger logs_audit_purge_only before delete on logs_auditevent
    for each row execute function logs_audit_purge_only();

create function logs_audit_entries_purge_only() returns trigger language plpgsql as $$
begin
    if exists (
        select from logs_auditcheckpoint
        where made_in = pg_current_xact_id()::text::bigint and seal_id >= old.seal_id
    ) then
        return old;
    end if;
    raise exception 'the audit trail is append-only: % is refused', tg_op
        using errcode = 'insufficient_privilege';
end $$;
create trigger logs_audit_no_change before update on logs_auditsealentries
    for each row execute function logs_audit_append_only();
create trigger logs_audit_purge_only before delete on logs_auditsealentries
    for each row execute function logs_audit_entries_purge_only();
create trigger logs_audit_no_truncate before truncate on logs_auditsealentries
    for each statement execute function logs_audit_append_only();

create trigger logs_audit_no_change before update or delete on logs_auditseal
    for each row execute function logs_audit_append_only();
create trigger logs_audit_no_truncate before truncate on logs_auditseal
    for each statement execute function logs_audit_append_only();
create trigger logs_audit_no_change before update or delete on logs_auditcheckpoint
    for each row execute function logs_audit_append_only();
create trigger logs_audit_no_truncate before truncate on logs_auditcheckpoint
    for each statement execute function logs_audit_append_only();
"""
BACKWARD = """
drop trigger logs_audit_no_truncate on logs_auditcheckpoint;
drop trigger logs_audit_no_change on logs_auditcheckpoint;
drop trigger logs_audit_no_truncate on logs_auditseal;
drop trigger logs_audit_no_change on logs_auditseal;
drop trigger logs_audit_no_truncate on logs_auditsealentries;
drop trigger logs_audit_purge_only on logs_auditsealentries;
drop trigger logs_audit_no_change on logs_auditsealentries;
drop function logs_audit_entries_purge_only();
drop trigger logs_audit_purge_only on logs_auditevent;
drop trigger logs_audit_no_change on logs_auditevent;
create trigger logs_audit_no_change before update or delete on logs_auditevent
    for each row execute function logs_audit_append_only();
drop function logs_audit_purge_only();
drop trigger logs_audit_checkpoint_sound on logs_auditcheckpoint;
drop function logs_audit_checkpoint_sound();
"""


class Migration(migrations.Migration):
    dependencies = [("logs", "0004_audit_chain_and_logs")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
