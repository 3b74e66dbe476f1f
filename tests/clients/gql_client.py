"""gql (Python): asks over HTTP, with every operation checked against the introspected schema; watches over a socket.

    python gql_client.py URL TOKEN NAME KEY
"""

import asyncio
import json
import sys

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

VIEWER = gql("query Viewer { viewer { workspace { name } } }")
CONNECT = gql(
    """mutation Connect($input: ConnectWithApiKeyInput!) {
      connectWithApiKey(input: $input) { connection { id } errors { message } }
    }"""
)
PROGRESS = """subscription Progress($id: ID!) {
  importProgress(connectionId: $id) { status sequence importedPayments percentComplete }
}"""
PAYMENTS = gql("query Payments { payments(first: 5) { nodes { id stripeId } totalCount } }")
ENDS = {"SUCCEEDED", "FAILED", "CANCELED"}


def with_variables(text, **variables):
    request = gql(text)
    request.variable_values = variables
    return request


async def main(url, token, name, key):
    bearer = f"Bearer {token}"
    http = AIOHTTPTransport(url=f"{url}/graphql", headers={"Authorization": bearer})
    # Only this one: gql finds out what the server chose by a header's upper case, and takes its older protocol else.
    socket = WebsocketsTransport(
        url=f"{url.replace('http', 'ws', 1)}/graphql/ws",
        init_payload={"Authorization": bearer},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    seen, refused = [], None
    async with Client(transport=http, fetch_schema_from_transport=True) as asking:
        viewer = await asking.execute(VIEWER)
        CONNECT.variable_values = {"input": {"name": name, "apiKey": key}}
        payload = (await asking.execute(CONNECT))["connectWithApiKey"]
        assert payload["errors"] == [], payload
        async with Client(transport=socket) as watching:
            connection = payload["connection"]["id"]
            async for told in watching.subscribe(with_variables(PROGRESS, id=connection)):
                seen.append(told["importProgress"])
                if seen[-1]["status"] in ENDS:
                    break
            try:
                async for told in watching.subscribe(with_variables(PROGRESS, id="nothing")):
                    raise AssertionError(told)
            except TransportQueryError as error:
                refused = json.dumps(error.errors)
        payments = (await asking.execute(PAYMENTS))["payments"]
    print(
        json.dumps(
            {
                "workspace": viewer["viewer"]["workspace"]["name"],
                "seen": seen,
                "payments": payments["totalCount"],
                "page": len(payments["nodes"]),
                "refused": refused,
            }
        )
    )


asyncio.run(main(*sys.argv[1:]))
