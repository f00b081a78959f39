"""The program of an HTTP worker: ``python -m emplette.runtime.worker LISTENER``, started by the supervisor."""

from emplette.http.app import create_app
from emplette.runtime.answering import work

if __name__ == "__main__":
    work(create_app)
