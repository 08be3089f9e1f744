"""Django with the OpenID provider of django-allauth on a free port of 127.0.0.1: server.py FOLDER. Prints one line of
JSON, then serves.

Registration is open, and /orders is a view that takes its access tokens. There is one user, `tester` with the password
`secret`; the pages are those of allauth. The database is in FOLDER.
"""

import json
import pathlib
import socketserver
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def configure(folder):
    settings.configure(
        SECRET_KEY="only for tests on this machine",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="urls",
        USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "django.db"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        TEMPLATES=[{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]},
        }],
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "allauth",
            "allauth.account",
            "allauth.idp.oidc",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ACCOUNT_LOGIN_METHODS={"username"},
        ACCOUNT_EMAIL_VERIFICATION="none",
        ACCOUNT_RATE_LIMITS=False,
        IDP_OIDC_ADAPTER="urls.Adapter",
        IDP_OIDC_PRIVATE_KEY=key(),
        IDP_OIDC_DCR_ENABLED=True,
        IDP_OIDC_DCR_REQUIRES_INITIAL_ACCESS_TOKEN=False,
        IDP_OIDC_INTROSPECTION_ENABLED=True,
        IDP_OIDC_RATE_LIMITS=False,
    )


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    configure(folder)
    django.setup()
    call_command("migrate", verbosity=0)
    from django.contrib.auth.models import User

    User.objects.create_user("tester", password="secret")
    server = Server(("127.0.0.1", 0), Handler)
    server.set_app(get_wsgi_application())
    root = f"http://127.0.0.1:{server.server_port}"
    print(json.dumps({"issuer": root, "api": f"{root}/orders"}), flush=True)
    server.serve_forever()


main()
