"""An API that takes JWT access tokens as Authlib's manual shows (RFC 9068): it fetches the issuer's keys once, when it starts."""
import os

import requests
from authlib.integrations.flask_oauth2 import ResourceProtector, current_token
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from flask import Flask, jsonify

issuer = os.environ["API_ISSUER"]
metadata = requests.get(issuer + "/.well-known/openid-configuration", timeout=30).json()
keys = requests.get(metadata["jwks_uri"], timeout=30).json()
app = Flask(__name__)


class Validator(JWTBearerTokenValidator):
    def get_jwks(self):
        return keys


def protected_for(identifier):
    protector = ResourceProtector()
    protector.register_token_validator(Validator(issuer=issuer, resource_server=identifier))
    return protector


@app.route("/loans")
@protected_for(os.environ["API_LOANS"])("loans:read")
def loans():
    return jsonify({name: current_token.get(name) for name in ("sub", "client_id", "scope")})


@app.route("/grades")
@protected_for(os.environ["API_GRADES"])("grades:read")
def grades():
    return jsonify({name: current_token.get(name) for name in ("sub", "client_id", "scope")})


app.run("127.0.0.1", int(os.environ["API_PORT"]))
