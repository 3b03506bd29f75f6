"""The OpenAPI document that SAM writes for an HTTP API, imported as routes, integrations and authorizers."""

import json

from ministack.services import apigateway

_ANY = "x-amazon-apigateway-any-method"
_AUTHORIZER_FIELDS = (
    "jwtConfiguration", "authorizerUri", "authorizerPayloadFormatVersion", "enableSimpleResponses",
)


def import_body(api_id, props, accepted):
    """Replaces all routes of the API, as a re-import does. `accepted` raises on a refusal."""
    document = props.get("Body")
    if not document:
        return
    for table in (apigateway._routes, apigateway._integrations, apigateway._authorizers):
        table[api_id] = {}
    api = apigateway._apis[api_id]
    api["name"] = (document.get("info") or {}).get("title") or api.get("name")
    if document.get("x-amazon-apigateway-cors"):
        api["corsConfiguration"] = document["x-amazon-apigateway-cors"]
    authorizers = _authorizers(api_id, document, accepted)
    integrations = {}
    for path, methods in (document.get("paths") or {}).items():
        for method, operation in methods.items():
            target = (operation or {}).get("x-amazon-apigateway-integration")
            if target:
                route = {
                    "routeKey": _route_key(method, path),
                    "target": "integrations/" + _integration(api_id, target, integrations, accepted),
                    **_security(operation, authorizers),
                }
                accepted(apigateway._create_route(api_id, route), f"route {method} {path}")


def _route_key(method, path):
    # SAM writes it without the slash, an exported API with it.
    if path.lstrip("/") == "$default":
        return "$default"
    return f"{'ANY' if method == _ANY else method.upper()} {path}"


def _integration(api_id, target, known, accepted):
    """One integration for all routes with the same target."""
    same = json.dumps(target, sort_keys=True)
    if same not in known:
        request = {
            "integrationType": target.get("type", "aws_proxy").upper(),
            "integrationUri": target.get("uri", ""),
            "payloadFormatVersion": str(target.get("payloadFormatVersion", "2.0")),
        }
        created = accepted(apigateway._create_integration(api_id, request), "integration")
        known[same] = json.loads(created[2])["integrationId"]
    return known[same]


def _authorizers(api_id, document, accepted):
    """Name of a security scheme -> (id of its authorizer, authorization type of a route)."""
    made = {}
    for name, scheme in ((document.get("components") or {}).get("securitySchemes") or {}).items():
        described = scheme.get("x-amazon-apigateway-authorizer")
        if not described:
            continue
        source = described.get("identitySource", [])
        jwt = described.get("type") == "jwt"
        request = {
            "name": name,
            "authorizerType": "JWT" if jwt else "REQUEST",
            "identitySource": [source] if isinstance(source, str) else source,
            **{field: described[field] for field in _AUTHORIZER_FIELDS if described.get(field) is not None},
        }
        created = accepted(apigateway._create_authorizer(api_id, request), "authorizer")
        made[name] = (json.loads(created[2])["authorizerId"], "JWT" if jwt else "CUSTOM")
    return made


def _security(operation, authorizers):
    for requirement in operation.get("security") or []:
        for name, scopes in requirement.items():
            if name in authorizers:
                identifier, kind = authorizers[name]
                return {"authorizerId": identifier, "authorizationType": kind, "authorizationScopes": scopes}
    return {}
