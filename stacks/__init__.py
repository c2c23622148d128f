"""What is deployed: an environment's settings, its bootstrap stack and its pipelines' stacks."""
