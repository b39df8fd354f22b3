"""All input and output: the store, mail, web pages, files. Thin Prefect tasks over plain functions."""
