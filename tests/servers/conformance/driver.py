"""The client that the conformance suite drives: it calls `keywright` and nothing else of ours.

The suite appends the address of its MCP server. Where a user would sign in, the address that `keywright` prints is
fetched, because the authorization endpoint of the suite redirects at once.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

ADDRESS = sys.argv[-1]
CONTEXT = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
SCENARIO = os.environ.get("MCP_CONFORMANCE_SCENARIO", "")
# The suite knows the client that has its metadata document here.
DOCUMENT = "https://conformance-test.local/client-metadata.json"


def keywright(*arguments, secret=None):
    """Runs a command, opens what it asks to be opened, and returns its output. Ends the driver where it fails."""
    command = [os.environ["KEYWRIGHT_PROGRAM"], "--json", "--no-input", *arguments]
    environment = {**os.environ, **({"SECRET": secret} if secret else {})}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for line in process.stderr:
        sys.stderr.write(line)
        if line.startswith("http"):
            try:
                with urllib.request.urlopen(line.strip(), timeout=10) as page:
                    page.read()
            except (urllib.error.URLError, OSError) as error:
                sys.stderr.write(f"the browser: {error}\n")
    output = process.stdout.read()
    code = process.wait()
    print(output)
    if code != 0:
        sys.exit(code)
    return json.loads(output)


def identity():
    """What a user knows of the client, as options."""
    if SCENARIO == "auth/basic-cimd":
        return ["--client-document", DOCUMENT], None
    options = ["--client-id", CONTEXT["client_id"]] if "client_id" in CONTEXT else []
    secret = CONTEXT.get("client_secret")
    if secret:
        options += ["--client-secret", "env:SECRET"]
    if "private_key_pem" in CONTEXT:
        secret = CONTEXT["private_key_pem"]
        options += ["--client-key", "env:SECRET", "--signing-alg", CONTEXT["signing_algorithm"]]
    if "valid_jwt" in CONTEXT:
        secret = CONTEXT["valid_jwt"]
        options += ["--grant", "jwt-bearer", "--assertion", "env:SECRET"]
    return options, secret


def identity_assertion():
    """Gets an ID-JAG at the identity provider of the user for the ID token of the suite; returns options that use it."""
    sheet = keywright("connect", ADDRESS, "--dry-run", "--client-id", CONTEXT["client_id"])
    idp = ["--config", "idp", "--client-id", CONTEXT["idp_client_id"], "--auth-method", "none"]
    keywright("config", "add", "idp", "--issuer", CONTEXT["idp_issuer"])
    keywright("app", "adopt", "idp", *idp)
    exchange = ["--subject-token", "env:SECRET", "--subject-token-type", "id_token"]
    exchange += ["--requested-token-type", "id-jag", "--audience", sheet["issuer"]]
    exchange += ["--grant", "token-exchange", "--resource", sheet["resource"]]
    keywright("token", "get", "idp", *exchange, secret=CONTEXT["idp_id_token"])
    return ["--grant", "jwt-bearer", "--assertion-app", "idp"]


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEYWRIGHT_HOME"] = os.path.join(folder, "vault")
        os.environ["KEYWRIGHT_KEYRING"] = "off"
        passphrase = os.path.join(folder, "passphrase")
        with open(passphrase, "w", encoding="utf-8") as file:
            file.write("correct horse battery\n")
        os.environ["KEYWRIGHT_PASSPHRASE_FILE"] = passphrase
        keywright("init", "--keyring", "off")
        options, secret = identity()
        if "idp_id_token" in CONTEXT:
            options += identity_assertion()
        # From the address alone to a called tool.
        tools = keywright("mcp", "tools", ADDRESS, "--yes", *options, secret=secret)
        name = tools["items"][0]["name"]
        keywright("mcp", "call", ADDRESS, name, "{}", "--yes", *options, secret=secret)


main()
