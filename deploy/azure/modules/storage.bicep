// A storage account that no key opens: tables, and blobs where events are kept in it.

param name string
param location string
param appsSubnetId string
param logsId string
param redundancy string

@description('Which requests are logged.')
param logged string[]

@description('The principals that read and write the tables.')
param tablePrincipalIds string[]

@description('The principals that read and write the blobs.')
param blobPrincipalIds string[] = []

// Storage Table Data Contributor, on the account: Orleans and the store create their tables, and a role on one table
// is none for that. An account holds nothing else.
var tableRole = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions', '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3')

// Storage Blob Data Contributor, on the account for the same reason.
var blobRole = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')

var logs = [
  for category in logged: {
    category: category
    enabled: true
  }
]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: {
    name: redundancy
  }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    networkAcls: {
      bypass: 'None'
      defaultAction: 'Deny'
      virtualNetworkRules: [
        {
          id: appsSubnetId
        }
      ]
    }
  }

  resource tables 'tableServices' existing = {
    name: 'default'
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      // A container that was deleted by mistake comes back. A blob does not: what a scrub removes has to be gone.
      containerDeleteRetentionPolicy: {
        enabled: true
        days: 14
      }
      deleteRetentionPolicy: {
        enabled: false
      }
      isVersioningEnabled: false
    }
  }
}

resource tableAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in tablePrincipalIds: {
    scope: account
    name: guid(account.id, principalId, tableRole)
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: tableRole
    }
  }
]

resource blobAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in blobPrincipalIds: {
    scope: account
    name: guid(account.id, principalId, blobRole)
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: blobRole
    }
  }
]

resource tableDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account::tables
  name: 'logs'
  properties: {
    workspaceId: logsId
    logs: logs
    metrics: [
      {
        category: 'Transaction'
        enabled: true
      }
    ]
  }
}

resource blobDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account::blobs
  name: 'logs'
  properties: {
    workspaceId: logsId
    logs: logs
    metrics: [
      {
        category: 'Transaction'
        enabled: true
      }
    ]
  }
}

output tablesEndpoint string = account.properties.primaryEndpoints.table
