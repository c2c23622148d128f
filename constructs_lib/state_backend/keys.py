"""What states are called in the bucket."""


def state_key(environment: str, stack_id: str) -> str:
    """Key of the state of a stack: `<environment>/<stack>.tfstate`."""
    return f"{environment}/{stack_id}.tfstate"
