"""JupyterHub as its manual sets it up for any OpenID provider; what differs in a test comes from the environment."""
import os

c = get_config()  # noqa: F821: JupyterHub gives it
at = os.environ.get

c.JupyterHub.bind_url = at("HUB_ADDRESS")
c.JupyterHub.hub_bind_url = at("HUB_INNER_ADDRESS")
c.ConfigurableHTTPProxy.api_url = at("HUB_PROXY_ADDRESS")
c.ConfigurableHTTPProxy.command = [at("HUB_PROXY")]
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret = os.urandom(32)

c.JupyterHub.authenticator_class = "generic-oauth"
a = c.GenericOAuthenticator
a.client_id, a.client_secret, a.oauth_callback_url = at("HUB_CLIENT"), at("HUB_SECRET"), at("HUB_ADDRESS") + "/hub/oauth_callback"
a.authorize_url, a.token_url, a.userdata_url = at("HUB_AUTHORIZE"), at("HUB_TOKEN"), at("HUB_USERDATA")
a.scope, a.username_claim, a.basic_auth = ["openid", "profile", "groups"], "preferred_username", True
a.manage_groups, a.enable_auth_state, a.auth_state_groups_key = True, True, "oauth_user.groups"
a.allowed_groups = {"teachers"}

# the test asks the hub itself whom it knows
c.JupyterHub.services = [{"name": "test", "api_token": at("HUB_API_TOKEN")}]
c.JupyterHub.load_roles = [{"name": "test", "scopes": ["list:users", "read:users", "read:groups", "list:groups"], "services": ["test"]}]
