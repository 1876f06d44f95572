"""The application: verbs of the pipeline, each safe to run again."""
