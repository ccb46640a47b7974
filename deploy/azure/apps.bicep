// The silos and the gateways, on what foundation.bicep has made.
targetScope = 'resourceGroup'

@description('The name that foundation.bicep was given.')
param name string = 'granary'

param location string = resourceGroup().location

@description('The image of deploy/docker, by its digest or a tag that is never reused.')
param image string

@description('The registry of this resource group that has the image; empty for one that needs no sign-in.')
param registryName string = ''

@description('The outputs of foundation.bicep. Where events are in PostgreSQL, eventsEndpoint is empty; else vaultUri.')
param tablesEndpoint string
param eventsEndpoint string = ''
param vaultUri string = ''

@description('One silo.')
type silo = {
  @description('The end of its name, as a.')
  name: string

  @description('Ports that no other silo of the environment has.')
  siloPort: int
  gatewayPort: int

  @description('An image of its own, during an upgrade.')
  image: string?
}

@description('Each is an app with one replica: replicas of one app have no addresses of their own.')
@minLength(1)
param silos silo[] = [
  {
    name: 'a'
    siloPort: 11211
    gatewayPort: 30211
  }
  {
    name: 'b'
    siloPort: 11212
    gatewayPort: 30212
  }
]

@minValue(1)
param gatewayReplicasMin int = 2

@minValue(1)
param gatewayReplicasMax int = 6

@description('Further names that the API answers for, as a proxy passes them on; parted by semicolons.')
param allowedHosts string = ''

var hasRegistry = !empty(registryName)

// AcrPull.
var pullRole = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' existing = {
  name: name
}

resource siloIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: '${name}-silo'
}

resource gatewayIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: '${name}-gateway'
}

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' existing = if (hasRegistry) {
  name: hasRegistry ? registryName : 'none'
}

resource siloPulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasRegistry) {
  scope: registry
  name: guid(resourceGroup().id, registryName, siloIdentity.id, pullRole)
  properties: {
    principalId: siloIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: pullRole
  }
}

resource gatewayPulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasRegistry) {
  scope: registry
  name: guid(resourceGroup().id, registryName, gatewayIdentity.id, pullRole)
  properties: {
    principalId: gatewayIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: pullRole
  }
}

module siloApps 'modules/silo.bicep' = [
  for one in silos: {
    name: '${name}-silo-${one.name}'
    params: {
      name: '${name}-silo-${one.name}'
      location: location
      environmentId: environment.id
      address: environment.properties.staticIp
      siloPort: one.siloPort
      gatewayPort: one.gatewayPort
      image: one.?image ?? image
      registryServer: registry.?properties.loginServer ?? ''
      identityId: siloIdentity.id
      identityClientId: siloIdentity.properties.clientId
      tablesEndpoint: tablesEndpoint
      eventsEndpoint: eventsEndpoint
      storeSecretUrl: '${vaultUri}secrets/granary-store'
    }
    dependsOn: [siloPulls]
  }
]

module gatewayApp 'modules/gateway.bicep' = {
  params: {
    name: '${name}-gateway'
    location: location
    environmentId: environment.id
    domain: environment.properties.defaultDomain
    allowedHosts: allowedHosts
    replicasMin: gatewayReplicasMin
    replicasMax: gatewayReplicasMax
    image: image
    registryServer: registry.?properties.loginServer ?? ''
    identityId: gatewayIdentity.id
    identityClientId: gatewayIdentity.properties.clientId
    tablesEndpoint: tablesEndpoint
  }
  dependsOn: [gatewayPulls]
}

output api string = 'https://${gatewayApp.outputs.host}'
