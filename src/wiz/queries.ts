/**
 * The GraphQL documents. Every crawl asks for `pageInfo`: without it it would end after its first page.
 * Deprecated twins (`issues`, `sourceRule`) are not asked for; `shape.ts` rebuilds what mappings know of them.
 */

/** A connection of Wiz's schema. */
export interface Connection {
  /** Its root field, such as `issuesV2`. */
  name: string
  /** The type of its `filterBy`. */
  filters: string
  /** The type of its `orderBy`, where it is used. */
  order?: string
  /** What is asked of each object. */
  node: string
}

export const PROJECTS: Connection = {
  name: 'projects',
  filters: 'ProjectFilters',
  node: `
      id name slug description businessUnit archived isFolder
      parentProject { id }
      riskProfile { businessImpact }
      createdAt updatedAt`,
}

/** What an issue carries; many issues carry the same. */
export const RULES = `
      sourceRules {
        __typename id name description
        ... on Control { resolutionRecommendation }
        ... on CloudEventRule { sourceType type }
        ... on CloudConfigurationRule { remediationInstructions serviceType }
        securitySubCategories { title category { name framework { name } } }
      }`
export const TICKETS = `
      serviceTickets { externalId name url }`

export const ISSUES: Connection = {
  name: 'issuesV2',
  filters: 'IssueFilters',
  order: 'IssueOrder',
  node: `
      id type status severity url description
      createdAt updatedAt statusChangedAt dueAt resolvedAt reopenedAt resolutionReason${RULES}
      projects { id name slug businessUnit isFolder riskProfile { businessImpact } }
      entitySnapshot {
        id type nativeType name status cloudPlatform cloudProviderURL providerId region resourceGroupExternalId
        subscriptionExternalId subscriptionName subscriptionTags tags createdAt externalId
      }${TICKETS}
      notes { createdAt updatedAt text user { name email } serviceAccount { name } }`,
}

/** Reads a connection page by page. */
export function crawlDocument({ name, filters, order, node }: Connection, operation = 'Crawl'): string {
  const [orderVariable, orderArgument] =
    order === undefined ? ['', ''] : [`, $orderBy: ${order}`, ', orderBy: $orderBy']
  return `query ${operation}($first: Int!, $after: String, $filterBy: ${filters}${orderVariable}, $withTotalCount: Boolean!) {
  ${name}(first: $first, after: $after, filterBy: $filterBy${orderArgument}) {
    nodes {${node}
    }
    pageInfo { hasNextPage endCursor }
    totalCount @include(if: $withTotalCount)
  }
}`
}

/** Reads only the ids of a connection, page by page. */
export function idsDocument(connection: Connection): string {
  return crawlDocument({ ...connection, node: ' id' }, 'Ids')
}

/** A list of objects that a look asks for besides. */
export interface LookField {
  alias: string
  /** What is asked of each object. */
  node: string
}

/**
 * Reads some objects whole, whether anything at all is to be seen, and further lists.
 *
 * @param fields each has its variables: its alias with `First` and `Filter`
 */
export function lookDocument({ name, filters: type, node }: Connection, fields: readonly LookField[]): string {
  const variables = fields.map(({ alias }) => `, $${alias}First: Int!, $${alias}Filter: ${type}`).join('')
  const lists = fields.map(
    ({ alias, node: wanted }) => `
  ${alias}: ${name}(first: $${alias}First, filterBy: $${alias}Filter) { nodes {${wanted} } pageInfo { hasNextPage } }`,
  )
  return `query Look($first: Int!, $all: ${type}${variables}) {
  all: ${name}(first: $first, filterBy: $all) {
    nodes {${node}
    }
  }
  any: ${name}(first: 1) { nodes { id } }${lists.join('')}
}`
}
