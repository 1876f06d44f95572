"""The way back: every dossier and its status steps to the national public service portal."""
