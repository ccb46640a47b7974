// The only secrets: two passwords of PostgreSQL. Each identity reads those that it uses, and no others.

param name string
param location string
param logsId string

@description('The principal that reads the connection string of the log: the silos.')
param siloPrincipalId string

@description('The principal that reads both passwords: the job that makes the database.')
param jobPrincipalId string

@secure()
@minLength(20)
param administratorPassword string

@secure()
@minLength(20)
param granaryPassword string

param databaseHost string

var storeParts = [
  'Host=${databaseHost}'
  'Database=granary'
  'Username=granary'
  'Password=${granaryPassword}'
  'SSL Mode=VerifyFull'
]

// Key Vault Secrets User.
var role = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: name
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enablePurgeProtection: true
  }

  resource administrator 'secrets' = {
    name: 'postgres-administrator-password'
    properties: {
      value: administratorPassword
    }
  }

  resource granary 'secrets' = {
    name: 'postgres-granary-password'
    properties: {
      value: granaryPassword
    }
  }

  resource store 'secrets' = {
    name: 'granary-store'
    properties: {
      value: join(storeParts, ';')
    }
  }
}

resource siloAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault::store
  name: guid(vault::store.id, siloPrincipalId, role)
  properties: {
    principalId: siloPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: role
  }
}

resource jobAccessAdministrator 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault::administrator
  name: guid(vault::administrator.id, jobPrincipalId, role)
  properties: {
    principalId: jobPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: role
  }
}

resource jobAccessGranary 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault::granary
  name: guid(vault::granary.id, jobPrincipalId, role)
  properties: {
    principalId: jobPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: role
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'logs'
  properties: {
    workspaceId: logsId
    logs: [
      {
        categoryGroup: 'audit'
        enabled: true
      }
    ]
  }
}

output uri string = vault.properties.vaultUri
