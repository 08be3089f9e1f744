"""Glewlwyd on a free port of 127.0.0.1: start.py FOLDER. Prints one line of JSON with its issuer, then becomes the server.

The database and the configuration are made in FOLDER. The scope `orders:read` is what clients that registered
themselves may ask for with client credentials.
"""

import json
import os
import pathlib
import socket
import sqlite3
import subprocess
import sys

SCHEMA = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3"
SCOPE = "orders:read"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def plugin(issuer, key):
    """The OpenID Connect plugin: registration, management, introspection and revocation for everybody."""
    return {
        "iss": issuer,
        "jwt-type": "rsa",
        "jwt-key-size": "256",
        "key": key["private"],
        "cert": key["public"],
        "jwks-show": True,
        "access-token-duration": 900,
        "refresh-token-duration": 3600,
        "code-duration": 60,
        "refresh-token-rolling": False,
        "allow-non-oidc": True,
        "pkce-allowed": True,
        "auth-type-client-enabled": True,
        "auth-type-code-enabled": True,
        "auth-type-implicit-enabled": False,
        "auth-type-password-enabled": False,
        "auth-type-refresh-enabled": True,
        "auth-type-device-enabled": True,
        "device-authorization-expiration": 600,
        "device-authorization-interval": 5,
        "secret-type": "pairwise",
        "allowed-scope": ["openid", SCOPE],
        "introspection-revocation-allowed": True,
        "introspection-revocation-auth-scope": [],
        "introspection-revocation-allow-target-client": True,
        "register-client-allowed": True,
        "register-client-auth-scope": [],
        "register-client-credentials-scope": [SCOPE],
        "register-client-management-allowed": True,
        "register-client-token-one-use": False,
        "client-jwks-parameter": "jwks",
        "client-jwks_uri-parameter": "jwks_uri",
    }


def rsa_key():
    private = subprocess.run(["openssl", "genrsa", "2048"], check=True, capture_output=True, text=True).stdout
    public = subprocess.run(["openssl", "rsa", "-pubout"], input=private, check=True, capture_output=True, text=True).stdout
    return {"private": private, "public": public}


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    issuer = f"{root}/api/oidc"

    database = folder / "glewlwyd.db"
    with sqlite3.connect(database) as connection:
        connection.executescript(pathlib.Path(SCHEMA).read_text(encoding="utf-8"))
        connection.execute(
            "INSERT INTO g_scope (gs_name, gs_display_name, gs_description, gs_password_required) VALUES (?, ?, ?, 0)",
            (SCOPE, "Orders", "Read orders"),
        )
        # Its own first user, `admin` with the password `password`, may sign in at clients.
        for scope in ("openid", SCOPE):
            connection.execute("INSERT INTO g_user_scope (gus_name) VALUES (?)", (scope,))
            connection.execute(
                "INSERT INTO g_user_scope_user (gu_id, gus_id) SELECT gu_id, gus_id FROM g_user, g_user_scope"
                " WHERE gu_username = 'admin' AND gus_name = ?",
                (scope,),
            )
        connection.execute(
            "INSERT INTO g_plugin_module_instance (gpmi_module, gpmi_name, gpmi_display_name, gpmi_parameters)"
            " VALUES ('oidc', 'oidc', 'OpenID Connect', ?)",
            (json.dumps(plugin(issuer, rsa_key())),),
        )

    template = pathlib.Path(__file__).with_name("glewlwyd.conf").read_text(encoding="utf-8")
    configuration = folder / "glewlwyd.conf"
    configuration.write_text(
        template.replace("@PORT@", str(port)).replace("@ROOT@", root).replace("@FOLDER@", str(folder)), encoding="utf-8"
    )

    print(json.dumps({"issuer": issuer, "scope": SCOPE}), flush=True)
    os.execv("/usr/bin/glewlwyd", ["glewlwyd", f"--config-file={configuration}"])


main()
