"""A web application as Authlib's manual shows, with Flask: it knows people by token["userinfo"], which is what the ID token says."""
import os

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, url_for

app = Flask(__name__)
app.secret_key = os.urandom(32)
oauth = OAuth(app)
if "APP_SNIPPET" in os.environ:  # what the connect page says
    exec(open(os.environ["APP_SNIPPET"]).read())
else:
    oauth.register(
        "pedel",
        client_id=os.environ["APP_CLIENT"],
        client_secret=os.environ["APP_SECRET"],
        server_metadata_url=os.environ["APP_ISSUER"] + "/.well-known/openid-configuration",
        client_kwargs={"scope": os.environ["APP_SCOPE"], "code_challenge_method": "S256"},
    )


@app.route("/")
def login():
    return oauth.pedel.authorize_redirect(url_for("callback", _external=True))


@app.route("/callback")
def callback():
    token = oauth.pedel.authorize_access_token()
    return jsonify(token["userinfo"])


app.run("127.0.0.1", int(os.environ["APP_PORT"]))
