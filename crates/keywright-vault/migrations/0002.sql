-- Limits of a session stand only where its configuration names them. Earlier versions wrote 900, 3600 and 86400 seconds
-- into every session, also for gateways that have no such limits.

UPDATE session SET payload = json_set(
    payload,
    '$.idle_secs', coalesce((
        SELECT CAST(json_extract(c.payload, '$.settings.session_idle_secs') AS INTEGER)
        FROM application a JOIN configuration c ON c.id = a.configuration_id WHERE a.id = session.application_id
    ), 0),
    '$.rolling_secs', coalesce((
        SELECT CAST(json_extract(c.payload, '$.settings.session_rolling_secs') AS INTEGER)
        FROM application a JOIN configuration c ON c.id = a.configuration_id WHERE a.id = session.application_id
    ), 0),
    '$.absolute_secs', coalesce((
        SELECT CAST(json_extract(c.payload, '$.settings.session_absolute_secs') AS INTEGER)
        FROM application a JOIN configuration c ON c.id = a.configuration_id WHERE a.id = session.application_id
    ), 0)
);

UPDATE session SET dies_at = min(
    CASE WHEN json_extract(payload, '$.idle_secs') > 0
        THEN json_extract(payload, '$.last_used_at') + json_extract(payload, '$.idle_secs')
        ELSE 9223372036854775807 END,
    CASE WHEN json_extract(payload, '$.rolling_secs') > 0
        THEN json_extract(payload, '$.rolled_at') + json_extract(payload, '$.rolling_secs')
        ELSE 9223372036854775807 END,
    CASE WHEN json_extract(payload, '$.absolute_secs') > 0
        THEN json_extract(payload, '$.started_at') + json_extract(payload, '$.absolute_secs')
        ELSE 9223372036854775807 END
);
