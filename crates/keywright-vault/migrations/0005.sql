-- What a token was asked for in detail (RFC 9396), as compact JSON; none for a token that was asked for by scopes alone.

ALTER TABLE token ADD COLUMN authorization_details TEXT;
