-- What decides which tokens are kept, and which are fetched again, in columns of its own: no payload has to be decoded
-- for it.

ALTER TABLE token ADD COLUMN resources TEXT NOT NULL DEFAULT '[]';
ALTER TABLE token ADD COLUMN expires_at INTEGER;
ALTER TABLE token ADD COLUMN refused_at INTEGER;
-- 0 once the value of the access token was wiped.
ALTER TABLE token ADD COLUMN holds_value INTEGER NOT NULL DEFAULT 1;
UPDATE token SET
    resources = coalesce(json_extract(payload, '$.resources'), '[]'),
    expires_at = json_extract(payload, '$.expires_at'),
    refused_at = json_extract(payload, '$.refused_at');

DROP INDEX token_of_application;
CREATE INDEX token_of_application ON token (application_id, issued_at DESC, id DESC);
CREATE INDEX token_of_request ON token (application_id, "grant", scope_asked, audience, resources, issued_at DESC, id DESC);
CREATE INDEX token_with_value ON token (expires_at) WHERE holds_value = 1;

ALTER TABLE application ADD COLUMN auto_refresh INTEGER NOT NULL DEFAULT 0;
-- When the newest usable token expires; only of applications with auto-refresh.
ALTER TABLE application ADD COLUMN refresh_at INTEGER;
UPDATE application SET auto_refresh = coalesce((
    SELECT json_extract(payload, '$.auto_refresh') FROM application_detail WHERE application_id = application.id
), 0);
UPDATE application SET refresh_at = (
    SELECT expires_at FROM token
    WHERE application_id = application.id AND revoked_at IS NULL AND refused_at IS NULL
    ORDER BY issued_at DESC, id DESC LIMIT 1
) WHERE auto_refresh = 1;
CREATE INDEX application_to_refresh ON application (refresh_at) WHERE refresh_at IS NOT NULL;

CREATE TRIGGER token_added AFTER INSERT ON token BEGIN
    UPDATE application SET refresh_at = (
        SELECT expires_at FROM token
        WHERE application_id = new.application_id AND revoked_at IS NULL AND refused_at IS NULL
        ORDER BY issued_at DESC, id DESC LIMIT 1
    ) WHERE id = new.application_id AND auto_refresh = 1;
END;
CREATE TRIGGER token_changed AFTER UPDATE OF issued_at, expires_at, revoked_at, refused_at ON token BEGIN
    UPDATE application SET refresh_at = (
        SELECT expires_at FROM token
        WHERE application_id = new.application_id AND revoked_at IS NULL AND refused_at IS NULL
        ORDER BY issued_at DESC, id DESC LIMIT 1
    ) WHERE id = new.application_id AND auto_refresh = 1;
END;
CREATE TRIGGER token_removed AFTER DELETE ON token BEGIN
    UPDATE application SET refresh_at = (
        SELECT expires_at FROM token
        WHERE application_id = old.application_id AND revoked_at IS NULL AND refused_at IS NULL
        ORDER BY issued_at DESC, id DESC LIMIT 1
    ) WHERE id = old.application_id AND auto_refresh = 1;
END;
CREATE TRIGGER application_auto_refresh_changed AFTER UPDATE OF auto_refresh ON application
WHEN old.auto_refresh <> new.auto_refresh BEGIN
    UPDATE application SET refresh_at = (
        SELECT expires_at FROM token
        WHERE application_id = new.id AND new.auto_refresh = 1 AND revoked_at IS NULL AND refused_at IS NULL
        ORDER BY issued_at DESC, id DESC LIMIT 1
    ) WHERE seq = new.seq;
END;
