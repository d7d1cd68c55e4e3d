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

export const ISSUES: Connection = {
  name: 'issuesV2',
  filters: 'IssueFilters',
  order: 'IssueOrder',
  node: `
      id type status severity url description
      createdAt updatedAt statusChangedAt dueAt resolvedAt reopenedAt resolutionReason
      sourceRules {
        __typename id name description
        ... on Control { resolutionRecommendation }
        ... on CloudEventRule { sourceType type }
        ... on CloudConfigurationRule { remediationInstructions serviceType }
        securitySubCategories { title category { name framework { name } } }
      }
      projects { id name slug businessUnit isFolder riskProfile { businessImpact } }
      entitySnapshot {
        id type nativeType name status cloudPlatform cloudProviderURL providerId region resourceGroupExternalId
        subscriptionExternalId subscriptionName subscriptionTags tags createdAt externalId
      }
      serviceTickets { externalId name url }
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

/**
 * Reads some objects whole, which of them pass each of some filters, and whether anything at all is to be seen.
 *
 * @param filters how many filters there are; their variables are `$filter0` and so on
 */
export function lookDocument({ name, filters: type, node }: Connection, filters: number): string {
  const numbers = Array.from({ length: filters }, (_, index) => index)
  const variables = numbers.map(index => `, $filter${index}: ${type}`).join('')
  const passing = numbers.map(
    index => `
  passing${index}: ${name}(first: $first, filterBy: $filter${index}) { nodes { id } }`,
  )
  return `query Look($first: Int!, $all: ${type}${variables}) {
  all: ${name}(first: $first, filterBy: $all) {
    nodes {${node}
    }
  }
  any: ${name}(first: 1) { nodes { id } }${passing.join('')}
}`
}
