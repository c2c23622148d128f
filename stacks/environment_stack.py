"""What every stack of an environment has: the provider, its tags, and where its state is kept."""

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.bindings import aws, cdktf
from constructs_lib.iam import use_role_settings
from constructs_lib.state_backend import use_state_backend
from constructs_lib.terraform_text import literal_map
from dms_stream.settings.environment import Environment


class EnvironmentStack(ReadableAddressStack):
    """A stack of an environment, `<environment>-<name>`.

    Args:
        app: The CDKTF app.
        environment_name: Name of the environment.
        environment: Its settings.
        name: Name of the stack within the environment.
        tags: Tags of this stack, beside the environment's.
    """

    def __init__(
        self,
        app: cdktf.App,
        environment_name: str,
        environment: Environment,
        *,
        name: str,
        tags: dict[str, str],
    ) -> None:
        super().__init__(app, f"{environment_name}-{name}")
        use_role_settings(self, environment.roles)
        emulated = environment.emulated
        aws.provider.AwsProvider(
            self,
            "aws",
            region=environment.region,
            # the embedded AWS has an account number of its own
            allowed_account_ids=(list(environment.account_ids) or None) if not emulated else None,
            default_tags=[
                aws.provider.AwsProviderDefaultTags(
                    tags={
                        **literal_map(environment.tags),
                        "environment": environment_name,
                        "managed-by": "dms-stream",
                        **tags,
                    }
                )
            ],
            # the embedded AWS has no such services; its address comes as AWS_ENDPOINT_URL
            skip_credentials_validation=emulated or None,
            skip_metadata_api_check="true" if emulated else None,
            skip_region_validation=emulated or None,
            s3_use_path_style=emulated or None,
        )
        use_state_backend(
            self,
            props=environment.state,
            region=environment.region,
            environment=environment_name,
            emulated=emulated,
        )
