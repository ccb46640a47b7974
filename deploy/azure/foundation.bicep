// What the silos and gateways run on: network, logs, identities, storage account, environment; for events in PostgreSQL
// the server, its secrets, and a job that is run once. Then apps.bicep is deployed. See README.md.
targetScope = 'resourceGroup'

@description('The beginning of every name.')
@minLength(3)
@maxLength(12)
param name string = 'granary'

param location string = resourceGroup().location

@description('Where events are kept: in the storage account, or in a PostgreSQL server that is made for them.')
@allowed(['azure', 'postgres'])
param store string

@description('How often the storage account keeps its data, and where. ZRS needs a region with zones.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS', 'Standard_RAGRS', 'Standard_RAGZRS'])
param storageRedundancy string = 'Standard_ZRS'

@description('Which requests to the account are logged. A silo reads the end of the log many times a minute.')
@allowed(['StorageRead', 'StorageWrite', 'StorageDelete'])
param storageLogs string[] = ['StorageWrite', 'StorageDelete']

@description('With azure: whether the cluster has an account of its own, so that gateways have no role on the events.')
param clusterAccount bool = false

@description('A private range of 22 bits or fewer that no connected network has.')
param addressPrefix string = '10.20.0.0/22'

@description('The administrator of the PostgreSQL server. Silos do not use it.')
param administrator string = 'postgresadmin'

@description('With postgres alone; 20 characters or more.')
@secure()
param administratorPassword string = ''

@description('The password of the role granary, which silos use: 20 letters and digits or more. With postgres alone.')
@secure()
param granaryPassword string = ''

@description('The size of the PostgreSQL server.')
param databaseSku string = 'Standard_D2ds_v5'

param databaseStorageGB int = 128

@description('How long the log can be restored to any instant of.')
@minValue(7)
@maxValue(35)
param databaseBackupDays int = 14

@allowed(['Disabled', 'SameZone', 'ZoneRedundant'])
param databaseHighAvailability string = 'ZoneRedundant'

@description('Whether the apps are spread over zones; for regions that have them.')
param zoneRedundant bool = true

@minValue(30)
@maxValue(730)
param logDays int = 30

@description('An image with psql 14 or later, for the job that makes the database.')
param psqlImage string = 'docker.io/library/postgres:17-alpine'

var hasDatabase = store == 'postgres'
var hasClusterAccount = store == 'azure' && clusterAccount

// Names that are unique in the world.
var unique = uniqueString(resourceGroup().id, name)
var storageName = take('${replace(name, '-', '')}${unique}', 24)
var clusterStorageName = take('c${storageName}', 24)
var vaultName = take('${name}-${unique}', 24)

resource logs 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: logDays
    features: {
      disableLocalAuth: true
    }
  }
}

resource siloIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-silo'
  location: location
}

resource gatewayIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-gateway'
  location: location
}

resource jobIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = if (hasDatabase) {
  name: '${name}-database'
  location: location
}

module network 'modules/network.bicep' = {
  params: {
    name: name
    location: location
    addressPrefix: addressPrefix
    hasDatabase: hasDatabase
  }
}

module storage 'modules/storage.bicep' = {
  params: {
    name: storageName
    location: location
    appsSubnetId: network.outputs.appsSubnetId
    logsId: logs.id
    redundancy: storageRedundancy
    logged: storageLogs
    tablePrincipalIds: hasClusterAccount
      ? [siloIdentity.properties.principalId]
      : [siloIdentity.properties.principalId, gatewayIdentity.properties.principalId]
    blobPrincipalIds: hasDatabase ? [] : [siloIdentity.properties.principalId]
  }
}

module clusterStorage 'modules/storage.bicep' = if (hasClusterAccount) {
  name: 'cluster-storage'
  params: {
    name: clusterStorageName
    location: location
    appsSubnetId: network.outputs.appsSubnetId
    logsId: logs.id
    redundancy: storageRedundancy
    logged: storageLogs
    tablePrincipalIds: [siloIdentity.properties.principalId, gatewayIdentity.properties.principalId]
  }
}

module database 'modules/database.bicep' = if (hasDatabase) {
  params: {
    name: '${name}-${unique}'
    location: location
    subnetId: network.outputs.databaseSubnetId
    zoneId: network.outputs.databaseZoneId
    logsId: logs.id
    administrator: administrator
    administratorPassword: administratorPassword
    highAvailability: databaseHighAvailability
    sku: databaseSku
    storageGB: databaseStorageGB
    backupDays: databaseBackupDays
  }
}

module vault 'modules/vault.bicep' = if (hasDatabase) {
  params: {
    name: vaultName
    location: location
    logsId: logs.id
    siloPrincipalId: siloIdentity.properties.principalId
    jobPrincipalId: jobIdentity!.properties.principalId
    administratorPassword: administratorPassword
    granaryPassword: granaryPassword
    databaseHost: database!.outputs.host
  }
}

module environment 'modules/environment.bicep' = {
  params: {
    name: name
    location: location
    subnetId: network.outputs.appsSubnetId
    logsId: logs.id
    zoneRedundant: zoneRedundant
  }
}

module names 'modules/names.bicep' = {
  params: {
    domain: environment.outputs.domain
    address: environment.outputs.address
    networkId: network.outputs.networkId
  }
}

module job 'modules/job.bicep' = if (hasDatabase) {
  params: {
    name: '${name}-database'
    location: location
    environmentId: environment.outputs.id
    identityId: jobIdentity.id
    vaultUri: vault!.outputs.uri
    databaseHost: database!.outputs.host
    administrator: administrator
    image: psqlImage
  }
}

output job string = job.?outputs.name ?? ''
output tablesEndpoint string = clusterStorage.?outputs.tablesEndpoint ?? storage.outputs.tablesEndpoint
output eventsEndpoint string = hasDatabase ? '' : storage.outputs.tablesEndpoint
output vaultUri string = vault.?outputs.uri ?? ''
