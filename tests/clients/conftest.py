"""What all tests share: one running service, and clients of it."""

import os

# Clients look at proxies, and nothing here leaves the machine.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
# Otherwise litellm fetches its price list when it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import pytest
from native_client import NativeClient
from openai import OpenAI
from service import FRONT, serving


@pytest.fixture(scope="session")
def service():
    with serving() as service:
        yield service


@pytest.fixture(scope="session")
def client(service):
    """OpenAI's client. It tries nothing twice: a test wants to see what comes first."""
    with OpenAI(base_url=service.openai_url, api_key=service.key, max_retries=0) as client:
        yield client


@pytest.fixture
def recorder(service):
    """The server behind the model `recorder`."""
    service.recorder.forget()
    return service.recorder


@pytest.fixture(scope="session")
def native(service):
    return NativeClient(service.url, service.key)


def pytest_report_header():
    return f"front: {FRONT}"


def pytest_collection_modifyitems(config, items):
    """Leaves out what has nothing to say about this front."""
    left_out = [item for item in items if not belongs_here(item)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def belongs_here(item):
    only = item.get_closest_marker("only_on")
    if only:
        return only.args[0] == FRONT
    # What talks to no service is the same on every front.
    is_about_fronts = "service" in item.fixturenames and not item.get_closest_marker("disconnect")
    return FRONT == "app" or is_about_fronts


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Shows what the service logged beside each failure."""
    outcome = yield
    report = outcome.get_result()
    service = item.funcargs.get("service") if hasattr(item, "funcargs") else None
    if report.failed and service:
        report.sections.append(("log of the service", service.logs()[-2000:]))
