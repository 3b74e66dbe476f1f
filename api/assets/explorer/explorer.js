// GraphiQL with Inlet's main operations as tabs. A link may carry a token and a key behind the #, which browsers do not
// send anywhere: /graphql#token=inl_…&key=rk_test_…
"use strict";

const given = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", location.pathname);

const headers = JSON.stringify({ Authorization: `Bearer ${given.get("token") ?? "inl_…"}` }, null, 2);
const key = given.get("key") ?? "rk_test_…";

const tabs = [
  {
    query: `# 1. Connect a Stripe account by a key:
# its import starts at once.
mutation Connect($input: ConnectWithApiKeyInput!) {
  connectWithApiKey(input: $input) {
    connection {
      id
      name
      status
      statusMessage
      account { stripeId displayName country }
      permissions { granted permission { resource access required } }
      webhook { status url }
      latestImport { id status }
    }
    errors {
      __typename
      message
      path
      ... on MissingPermissionsError { missing { resource access purpose required } }
      ... on WebhookAlreadyExistsError { endpoints { stripeId url createdAt } }
    }
  }
}
`,
    variables: JSON.stringify({ input: { name: "Demo shop", apiKey: key } }, null, 2),
  },
  {
    query: `# 2. Or connect through Stripe, without a key:
# open authorizationUrl in another browser tab.
mutation StartStripeOAuth($input: StartStripeOAuthInput!) {
  startStripeOAuth(input: $input) {
    authorizationUrl
    expiresAt
    errors { __typename message path }
  }
}
`,
    variables: JSON.stringify({ input: { name: "Demo bakery" } }, null, 2),
  },
  {
    query: `# 3. Watch the import. Leave connectionId empty
# for the newest connection.
subscription Watch($connectionId: ID!) {
  importProgress(connectionId: $connectionId) {
    status
    percentComplete
    importedPayments
    paymentsPerSecond
    etaSeconds
    coveredSince
    currentTrouble
    resources { resource status importedObjects percentComplete }
  }
}
`,
    variables: JSON.stringify({ connectionId: "" }, null, 2),
  },
  {
    query: `# 4. Payments, newest first,
# also while they are being imported.
query Payments($first: Int, $after: String, $filter: PaymentFilter, $orderBy: PaymentOrder) {
  payments(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      stripeId
      status
      createdAt
      amount { amount currency }
      fee { amount currency }
      method { type card { brand last4 funding country issuer } }
      outcome { declineCode riskLevel }
      refunds { nodes { amount { amount currency } status } }
      disputes { status reason }
    }
  }
}
`,
    variables: JSON.stringify(
      { first: 10, filter: { statuses: ["SUCCEEDED"], currencies: ["USD", "EUR"] }, orderBy: { field: "CREATED_AT", direction: "DESC" } },
      null,
      2,
    ),
  },
  {
    query: `# 5. Payments as they are imported or change.
subscription Changes($filter: PaymentFilter) {
  paymentsChanged(filter: $filter) {
    stripeId
    status
    createdAt
    amount { amount currency }
    fee { amount currency }
    outcome { declineCode }
  }
}
`,
    variables: JSON.stringify({ filter: {} }, null, 2),
  },
  {
    query: `# 6. The workspace's connections,
# and how complete their data is.
query Connections {
  connections {
    totalCount
    nodes {
      id
      name
      status
      statusMessage
      authMethod
      webhook { status lastEventAt }
      syncedThrough
      latestImport { status progress { percentComplete importedPayments } }
      dataHealth { cardPayments binCoverage issuerCoverage awaitingFees quarantined advice }
    }
  }
}
`,
  },
  {
    query: `# 7. The connections as they change,
# or only the one of connectionId.
subscription Updates($connectionId: ID) {
  connectionUpdated(connectionId: $connectionId) {
    id
    name
    status
    statusMessage
    webhook { status missingEventTypes }
    syncedThrough
    latestImport { status }
  }
}
`,
    variables: JSON.stringify({ connectionId: null }, null, 2),
  },
  {
    query: `# 8. Make the webhook of a connection by key anew.
# connectionId is in tab 6.
mutation Rebuild($input: RebuildWebhookInput!) {
  rebuildWebhook(input: $input) {
    webhook { status url stripeId }
    removed { stripeId url createdAt }
    errors { __typename message path }
  }
}
`,
    variables: JSON.stringify({ input: { connectionId: "" } }, null, 2),
  },
  {
    query: `# 9. What a restricted key must grant,
# in the order of Stripe's dashboard.
query Permissions {
  stripePermissions { resource access purpose required }
}
`,
  },
  {
    query: `# 10. What payments come to, for charts.
query Stats($filter: PaymentFilter, $interval: TimeInterval, $groupBy: [PaymentDimension!], $timeZone: String) {
  paymentStats(filter: $filter, interval: $interval, groupBy: $groupBy, timeZone: $timeZone, countRetriesOnce: false) {
    interval { start end }
    currency
    dimensions { dimension value label }
    attempts
    succeeded
    failed
    approvalRate
    grossVolume { amount }
    refundedVolume { amount }
    disputes
    fees { amount currency }
  }
}
`,
    variables: JSON.stringify(
      { filter: {}, interval: "MONTH", groupBy: ["CARD_BRAND"], timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
      null,
      2,
    ),
  },
].map((tab) => ({ headers, ...tab }));

// A link's tabs are not to be mixed with those of an earlier visit.
function memoryStorage() {
  const items = new Map();
  return {
    get length() {
      return items.size;
    },
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
    clear: () => items.clear(),
  };
}

async function ask(body, sent) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", ...sent },
    body: JSON.stringify(body),
  });
  return answer.json();
}

async function newestConnection(sent) {
  const answer = await ask({ query: "{ connections(first: 1) { nodes { id } } }" }, sent);
  return answer.data?.connections.nodes[0]?.id ?? "";
}

// Yields what a subscription sends, until GraphiQL's stop button ends it.
async function* follow(body, sent) {
  const variables = { ...body.variables };
  if (variables.connectionId === "") variables.connectionId = await newestConnection(sent);
  const authorization = Object.entries(sent).find(([name]) => name.toLowerCase() === "authorization")?.[1];
  const client = graphqlWs.createClient({
    url: `${location.origin.replace(/^http/, "ws")}/graphql/ws`,
    connectionParams: authorization ? { Authorization: authorization } : {},
    retryAttempts: 0,
  });
  try {
    yield* client.iterate({ ...body, variables });
  } finally {
    client.dispose();
  }
}

function operationIsSubscription(body, document) {
  const operations = (document?.definitions ?? []).filter((part) => part.kind === "OperationDefinition");
  const chosen = operations.find((part) => !body.operationName || part.name?.value === body.operationName);
  return chosen?.operation === "subscription";
}

function fetcher(body, { headers: sent = {}, documentAST } = {}) {
  return operationIsSubscription(body, documentAST) ? follow(body, sent) : ask(body, sent);
}

ReactDOM.createRoot(document.getElementById("explorer")).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultTabs: tabs,
    // GraphiQL takes the first tab's query and headers from its tab, but not its variables.
    variables: tabs[0].variables,
    defaultHeaders: headers,
    defaultEditorToolsVisibility: "variables",
    shouldPersistHeaders: false,
    storage: given.size > 0 ? memoryStorage() : window.localStorage,
  }),
);
