"""Addresses of the server: the accounts and the provider of allauth, and a view that takes its access tokens."""

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Token
from django.http import HttpResponse, JsonResponse
from django.urls import include, path


class Adapter(DefaultOIDCAdapter):
    scope_display = {**DefaultOIDCAdapter.scope_display, "orders:read": "Read orders"}


def orders(request):
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    token = Token.objects.lookup(Token.Type.ACCESS_TOKEN, value) if scheme == "Bearer" else None
    if token is None:
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return JsonResponse({"orders": [{"id": 1}]})


urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("allauth.idp.urls")),
    path("orders", orders),
]
