"""Acting on what is deployed, on AWS and on the embedded AWS alike."""
