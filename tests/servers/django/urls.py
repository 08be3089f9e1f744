"""Addresses of the server: the toolkit below /o/, its metadata at the root, and a protected view."""

from django.contrib.auth.views import LoginView
from django.http import JsonResponse
from django.urls import include, path
from oauth2_provider import urls as toolkit
from oauth2_provider.views.generic import ScopedProtectedResourceView


class Orders(ScopedProtectedResourceView):
    required_scopes = ["orders:read"]

    def get(self, request):
        return JsonResponse({"orders": [{"id": 1}]})


urlpatterns = [
    path("login/", LoginView.as_view(template_name="login.html")),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("", include((toolkit.metadata_urlpatterns, "oauth2_metadata"))),
    path("orders", Orders.as_view()),
]
