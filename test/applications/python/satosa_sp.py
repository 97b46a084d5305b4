"""A service that knows only SAML, as pysaml2's manual shows: it asks the bridge who comes, and says what it was told."""
import json
import os
import sys
import urllib.request

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import Config
from saml2.metadata import entity_descriptor
from werkzeug.serving import run_simple
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

address = os.environ["SP_ADDRESS"]
settings = {
    "entityid": address + "/metadata",
    "service": {
        "sp": {
            "endpoints": {"assertion_consumer_service": [(address + "/acs", BINDING_HTTP_POST)]},
            "want_assertions_signed": True,
            "want_response_signed": False,
        }
    },
}
if sys.argv[1:] == ["metadata"]:
    print(entity_descriptor(Config().load(settings)))
    sys.exit()

asked = {}


def client():
    with urllib.request.urlopen(os.environ["SP_BRIDGE"]) as answer:
        return Saml2Client(Config().load({**settings, "metadata": {"inline": [answer.read().decode()]}}))


@Request.application
def app(request):
    if request.path == "/":
        number, info = client().prepare_for_authenticate(binding=BINDING_HTTP_REDIRECT)
        asked[number] = "/"
        return redirect(dict(info["headers"])["Location"])
    if request.path == "/acs":
        said = client().parse_authn_request_response(request.form["SAMLResponse"], BINDING_HTTP_POST, asked)
        return Response(json.dumps(said.ava), mimetype="application/json")
    return Response("nothing here", status=404)


run_simple("localhost", int(os.environ["SP_PORT"]), app)
