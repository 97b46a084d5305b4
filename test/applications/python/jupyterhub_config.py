"""JupyterHub with the settings that the catalogue tells operators; what differs in a test comes from the environment."""
import os

c = get_config()  # noqa: F821: JupyterHub gives it
at = os.environ.get

c.JupyterHub.bind_url = at("HUB_ADDRESS")
c.JupyterHub.hub_bind_url = at("HUB_INNER_ADDRESS")
c.ConfigurableHTTPProxy.api_url = at("HUB_PROXY_ADDRESS")
c.ConfigurableHTTPProxy.command = [at("HUB_PROXY")]
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret = os.urandom(32)

exec(at("HUB_SETTINGS"))
c.GenericOAuthenticator.allowed_groups = {"staff"}  # so that somebody is refused

# the test asks the hub itself whom it knows
c.JupyterHub.services = [{"name": "test", "api_token": at("HUB_API_TOKEN")}]
c.JupyterHub.load_roles = [{"name": "test", "scopes": ["list:users", "read:users", "read:groups", "list:groups"], "services": ["test"]}]
