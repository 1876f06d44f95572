"""The national population database: what a person is asked about, by SOAP, and what comes of an answer."""
