"""Microsoft's SDK for Python, pointed at us with one of our keys."""

import warnings

from tests.web.application import KEY

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # what it imports of itself is deprecated
    from kiota_abstractions.authentication import (
        AccessTokenProvider,
        AllowedHostsValidator,
        BaseBearerTokenAuthenticationProvider,
    )
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph import GraphRequestAdapter, GraphServiceClient
    from msgraph.generated.communications.call_records.call_records_request_builder import CallRecordsRequestBuilder
    from msgraph.generated.communications.call_records.item.call_record_item_request_builder import (
        CallRecordItemRequestBuilder,
    )
    from msgraph.generated.models.call_records.client_user_agent import ClientUserAgent
    from msgraph.generated.models.call_records.participant_endpoint import ParticipantEndpoint
    from msgraph.generated.models.call_records.service_endpoint import ServiceEndpoint
    from msgraph.generated.models.call_records.service_user_agent import ServiceUserAgent
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
    from msgraph_core.requests.batch_request_content import BatchRequestContent
    from msgraph_core.requests.batch_request_item import BatchRequestItem

__all__ = [
    "RECORD",
    "RECORDS",
    "BatchRequestBuilder",
    "BatchRequestContent",
    "BatchRequestItem",
    "ClientUserAgent",
    "ODataError",
    "ParticipantEndpoint",
    "ServiceEndpoint",
    "ServiceUserAgent",
    "a_client",
    "an_adapter",
    "asking",
]

RECORDS = CallRecordsRequestBuilder.CallRecordsRequestBuilderGetQueryParameters
RECORD = CallRecordItemRequestBuilder.CallRecordItemRequestBuilderGetQueryParameters


class OurKey(AccessTokenProvider):
    def __init__(self, key):
        self.key = key

    async def get_authorization_token(self, uri, additional_authentication_context=None):  # noqa: ARG002 -- its signature
        return self.key

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


def an_adapter(port, http, key=KEY):
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(OurKey(key)), client=http)
    adapter.base_url = f"http://127.0.0.1:{port}/v1.0"
    return adapter


def a_client(port, http, key=KEY):
    return GraphServiceClient(request_adapter=an_adapter(port, http, key)).communications.call_records


def asking(builder, **options):
    return RequestConfiguration(query_parameters=builder(**options))
