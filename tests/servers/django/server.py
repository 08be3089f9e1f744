"""Django with Django OAuth Toolkit on a free port of 127.0.0.1: server.py FOLDER. Prints one line of JSON, then serves.

Registration is open, metadata is at the root (RFC 8414), and /orders is a view that the toolkit protects. There is one
user, `tester` with the password `secret`, and the toolkit's own consent page.
The database is in FOLDER.
"""

import json
import pathlib
import socketserver
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

SCOPES = {"orders:read": "Read orders", "introspection": "Ask about tokens"}


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def configure(folder):
    settings.configure(
        SECRET_KEY="only for tests on this machine",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="urls",
        USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "django.db"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGIN_URL="/login/",
        TEMPLATES=[{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [pathlib.Path(__file__).with_name("templates")],
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }],
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        OAUTH2_PROVIDER={
            "SCOPES": SCOPES,
            "DEFAULT_SCOPES": ["orders:read"],
            "ACCESS_TOKEN_EXPIRE_SECONDS": 900,
            "DCR_ENABLED": True,
            "DCR_REGISTRATION_PERMISSION_CLASSES": ("oauth2_provider.dcr.AllowAllDCRPermission",),
        },
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
