"""What an account needs once: the roles DMS expects, and the bucket for Terraform's state."""

from constructs_lib.bindings import cdktf
from constructs_lib.dms_account_roles import DmsAccountRoles
from constructs_lib.state_backend import StateBackend
from dms_stream.settings.environment import BOOTSTRAP, Environment
from stacks.environment_stack import EnvironmentStack


class BootstrapStack(EnvironmentStack):
    """The environment's bootstrap stack; every other stack keeps its state in its bucket."""

    def __init__(self, app: cdktf.App, environment_name: str, environment: Environment) -> None:
        super().__init__(app, environment_name, environment, name=BOOTSTRAP, tags={})
        DmsAccountRoles(self, "dms", props=environment.account_roles)
        StateBackend(self, "state", props=environment.state)
