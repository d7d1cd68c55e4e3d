/**
 * The GraphQL documents. Every one asks for `pageInfo`: without it a crawl would end after its first page.
 * Deprecated twins (`issues`, `sourceRule`) are not asked for; `shape.ts` rebuilds what mappings know of them.
 */

const PAGE = `
    pageInfo { hasNextPage endCursor }
    totalCount @include(if: $withTotalCount)`

export const PROJECTS_QUERY = `query Projects($first: Int!, $after: String, $filterBy: ProjectFilters, $withTotalCount: Boolean!) {
  projects(first: $first, after: $after, filterBy: $filterBy) {
    nodes {
      id name slug description businessUnit archived isFolder
      parentProject { id }
      riskProfile { businessImpact }
      createdAt updatedAt
    }${PAGE}
  }
}`

export const ISSUES_QUERY = `query Issues($first: Int!, $after: String, $filterBy: IssueFilters, $orderBy: IssueOrder, $withTotalCount: Boolean!) {
  issuesV2(first: $first, after: $after, filterBy: $filterBy, orderBy: $orderBy) {
    nodes {
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
      notes { createdAt updatedAt text user { name email } serviceAccount { name } }
    }${PAGE}
  }
}`
