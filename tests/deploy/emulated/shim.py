"""Starts ministack with what it lacks of API Gateway and CloudFormation.

Each addition is one function here, under a name that is printed at the start.
Whatever a test shows of these is the project's own reading of AWS's
documentation, not that of a third party.
"""
import contextvars
import json
import sys
from importlib.metadata import version

KNOWN = "1.5.33"
if version("ministack") != KNOWN:
    sys.exit(f"the shim knows ministack {KNOWN} from inside, not {version('ministack')}")

from ministack import app  # noqa: E402
from ministack.services import apigateway_v1 as gateway  # noqa: E402
from ministack.services.cloudformation import provisioners  # noqa: E402

# The usage plan key that the authorizer named for the request in hand.
named = contextvars.ContextVar("named", default="")
USAGE_KEY = "usageIdentifierKey"


def addition(owner, name, what):
    """Replaces owner.name by the function under it, which gets the original first."""
    original = getattr(owner, name)

    def install(replacement):
        setattr(owner, name, lambda *args, **kwargs: replacement(original, *args, **kwargs))
        print("shim adds:", what, flush=True)

    return install


@addition(gateway, "_import_rest_api", "gateway responses and the key source of an OpenAPI body")
def import_rest_api(original, spec, base_data=None):
    source = spec.get("x-amazon-apigateway-api-key-source", "HEADER")
    api_id = original(spec, {**(base_data or {}), "apiKeySource": source})
    for name, response in spec.get("x-amazon-apigateway-gateway-responses", {}).items():
        status, _, body = gateway._put_gateway_response(api_id, name, response)
        if status >= 400:
            raise ValueError(f"gateway response {name}: {body!r}")
    return api_id


@addition(gateway, "_import_path_item", "x-amazon-apigateway-any-method of an OpenAPI body")
def import_path_item(original, api_id, path, item, *security):
    item = {("any" if m == "x-amazon-apigateway-any-method" else m): o for m, o in item.items()}
    return original(api_id, path, item, *security)


gateway._OPENAPI_HTTP_METHODS = gateway._OPENAPI_HTTP_METHODS | {"any"}


@addition(gateway, "_import_operation", "templates and responses of mock integrations, and the transfer mode, of an OpenAPI body")
def import_operation(original, api_id, resource_id, method, operation, *security):
    original(api_id, resource_id, method, operation, *security)
    described = (operation or {}).get("x-amazon-apigateway-integration") or {}
    if not described:
        return
    kept = gateway._resources[api_id][resource_id]["resourceMethods"][method]["methodIntegration"]
    if described.get("responseTransferMode") == "STREAM":
        # The emulator knows Lambda's other call by this path alone.
        kept["uri"] = kept["uri"].replace("/response-streaming-invocations", "/invocations")
        kept["responseTransferMode"] = "STREAM"
    if described.get("type") != "mock":
        return
    kept["requestTemplates"] = described.get("requestTemplates", {})
    kept["passthroughBehavior"] = described.get("passthroughBehavior", "when_no_match").upper()
    kept["integrationResponses"] = {
        status: {"selectionPattern": "" if status == "default" else status, **response}
        for status, response in described.get("responses", {}).items()
    }


# The gateway's id of the request in hand.
request_id = contextvars.ContextVar("request_id", default="")


@addition(gateway, "_execute_in_scope", "the gateway's request id in x-amzn-requestid of every answer")
async def execute(original, request, *rest):
    request_id.set(request["request_id"])
    answer = await original(request, *rest)
    if isinstance(answer, tuple):
        status, headers, body = answer
        answer = status, {**headers, "x-amzn-requestid": request["request_id"]}, body
    return answer


@addition(gateway, "_build_lambda_event_v1", "the same request id in the function's event")
def build_lambda_event(original, *request, **more):
    event = original(*request, **more)
    event["requestContext"]["requestId"] = request_id.get()
    return event


@addition(gateway, "_invoke_mock_v1", "context.requestId in the headers of mock integrations")
def invoke_mock(original, integration):
    status, headers, body = original(integration)
    headers = {k: request_id.get() if v == "context.requestId" else v for k, v in headers.items()}
    return status, headers, body


@addition(gateway, "_authorize_request_v1", "the key source AUTHORIZER: a request counts for the usageIdentifierKey")
async def authorize(original, api_id, *request):
    named.set("")
    error, context = await original(api_id, *request)
    if context and USAGE_KEY in context:
        context = dict(context)  # the original is in the authorizer's cache
        named.set(context.pop(USAGE_KEY))
    return error, context


@addition(gateway, "_invoke_authorizer_lambda", "the request id in the authorizer's event; usageIdentifierKey kept with its verdict")
async def invoke_authorizer(original, authorizer, event, *scope):
    context = {**event.get("requestContext", {}), "requestId": request_id.get()}
    result = await original(authorizer, {**event, "requestContext": context}, *scope)
    verdict = (result or {}).get("body")
    if isinstance(verdict, (str, bytes)):
        verdict = json.loads(verdict)
    if isinstance(verdict, dict) and verdict.get(USAGE_KEY):
        context = {**(verdict.get("context") or {}), USAGE_KEY: verdict[USAGE_KEY]}
        result = {**result, "body": {**verdict, "context": context}}
    return result


# Whether the integration in hand gets its answer as a stream.
streams = contextvars.ContextVar("streams", default=False)


@addition(gateway, "_invoke_lambda_proxy_v1", "integrations that stream: the metadata, then the body, when it has ended")
async def invoke_lambda_proxy(original, integration, *request, **owner):
    streams.set(integration.get("responseTransferMode") == "STREAM")
    return await original(integration, *request, **owner)


@addition(gateway, "_lambda_proxy_response", "an answer in the wrong form for the transfer mode is 502")
def lambda_proxy_response(original, result):
    if not streams.get() or result.get("error"):
        return original(result)
    metadata, delimiter, body = str(result.get("body")).partition("\0" * 8)
    if not delimiter:
        return None, "the function did not stream"
    return {**json.loads(metadata), "body": body}, None


@addition(gateway, "_check_api_key", "no x-api-key of the caller where the key source is AUTHORIZER")
def check_api_key(original, method, api_id, stage, headers):
    if gateway._rest_apis[api_id].get("apiKeySource") == "AUTHORIZER":
        headers = {"x-api-key": named.get()}
    return original(method, api_id, stage, headers)


@addition(provisioners, "_cw_metric_alarm_record", "alarms over several metrics, of which it watches the first alone")
def alarm_record(original, name, props):
    stats = [m["MetricStat"] for m in props.get("Metrics") or [] if "MetricStat" in m]
    if stats:
        props = {k: v for k, v in props.items() if k != "Metrics"}
        kind = "ExtendedStatistic" if stats[0]["Stat"].startswith("p") else "Statistic"
        props |= {kind: stats[0]["Stat"], "Period": stats[0]["Period"], **stats[0]["Metric"]}
    return original(name, props)


app.main()
