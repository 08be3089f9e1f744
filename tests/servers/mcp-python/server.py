"""The authorization server of the MCP Python SDK on a free port of 127.0.0.1, with an MCP server and a tool at /mcp.

Prints one line of JSON, then serves. The SDK registers clients, checks requests and PKCE; what it leaves to its user,
where clients, codes and tokens are kept and who agrees, is here: in memory, and everybody at once.
"""

import asyncio
import json
import secrets
import socket
import time

import uvicorn
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.settings import (
    AuthSettings,
    ClientRegistrationOptions,
    RevocationOptions,
)
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import OAuthToken

LIFETIME_SECS = 600
SCOPE = "orders:read"


class Memory:
    def __init__(self):
        self.clients, self.codes, self.tokens, self.refresh_tokens = {}, {}, {}, {}

    async def get_client(self, client_id):
        return self.clients.get(client_id)

    async def register_client(self, client_info):
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client, params):
        code = secrets.token_urlsafe(24)
        self.codes[code] = AuthorizationCode(
            code=code,
            scopes=params.scopes or [SCOPE],
            expires_at=time.time() + 60,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
            subject="alice",
        )
        return construct_redirect_uri(
            str(params.redirect_uri), code=code, state=params.state
        )

    async def load_authorization_code(self, client, authorization_code):
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(self, client, authorization_code):
        del self.codes[authorization_code.code]
        return self.issue(client, authorization_code.scopes, authorization_code.resource)

    async def load_refresh_token(self, client, refresh_token):
        return self.refresh_tokens.get(refresh_token)

    async def exchange_refresh_token(self, client, refresh_token, scopes):
        del self.refresh_tokens[refresh_token.token]
        return self.issue(client, scopes or refresh_token.scopes, refresh_token.resource)

    async def load_access_token(self, token):
        return self.tokens.get(token)

    async def revoke_token(self, token):
        self.tokens.pop(token.token, None)
        self.refresh_tokens.pop(token.token, None)

    def issue(self, client, scopes, resource):
        about = {
            "client_id": client.client_id,
            "scopes": scopes,
            "resource": resource,
            "subject": "alice",
        }
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        until = int(time.time()) + LIFETIME_SECS
        self.tokens[access] = AccessToken(token=access, expires_at=until, **about)
        self.refresh_tokens[refresh] = RefreshToken(token=refresh, **about)
        return OAuthToken(
            access_token=access,
            refresh_token=refresh,
            expires_in=LIFETIME_SECS,
            scope=" ".join(scopes),
        )


def app(root):
    settings = AuthSettings(
        issuer_url=root,
        resource_server_url=f"{root}/mcp",
        required_scopes=[SCOPE],
        validate_token_resource=True,
        client_registration_options=ClientRegistrationOptions(
            enabled=True, valid_scopes=[SCOPE], default_scopes=[SCOPE]
        ),
        revocation_options=RevocationOptions(enabled=True),
    )
    server = MCPServer("orders", auth_server_provider=Memory(), auth=settings)

    @server.tool()
    def weather(city: str) -> str:
        """The weather of a city."""
        return f"Sunny in {city}"

    return server.streamable_http_app()


async def main():
    listener = socket.create_server(("127.0.0.1", 0))
    root = f"http://127.0.0.1:{listener.getsockname()[1]}"
    serving = uvicorn.Server(uvicorn.Config(app(root), log_level="warning"))
    print(json.dumps({"issuer": root, "mcp": f"{root}/mcp"}), flush=True)
    await serving.serve(sockets=[listener])


asyncio.run(main())
