// One silo: an app with one replica, whose two ports are opened on the environment's private address.

import { httpPort, probes } from 'probes.bicep'

param name string
param location string
param environmentId string

@description('The private address of the environment, by which the other silos and the gateways reach this one.')
param address string

@minValue(1024)
@maxValue(65535)
param siloPort int

@minValue(1024)
@maxValue(65535)
param gatewayPort int

param image string
param registryServer string
param identityId string
param identityClientId string
param tablesEndpoint string

@description('The address of the tables that have the events; empty where PostgreSQL has them.')
param eventsEndpoint string

@description('The secret with the connection string of PostgreSQL; used where the address above is empty.')
param storeSecretUrl string

var inAzure = !empty(eventsEndpoint)

// The identity below is the credential: an address has no secret.
var store = inAzure
  ? [
      {
        name: 'Granary__Store'
        value: 'azure'
      }
      {
        name: 'Granary__Azure__TableEndpoint'
        value: eventsEndpoint
      }
    ]
  : [
      {
        name: 'Granary__Store'
        value: 'postgres'
      }
      {
        name: 'Granary__Postgres__ConnectionString'
        secretRef: 'store'
      }
    ]

resource app 'Microsoft.App/containerApps@2025-07-01' = {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      // "External" is the network: the environment itself is internal.
      ingress: {
        external: true
        transport: 'tcp'
        targetPort: siloPort
        exposedPort: siloPort
        additionalPortMappings: [
          {
            external: true
            targetPort: gatewayPort
            exposedPort: gatewayPort
          }
        ]
      }
      registries: empty(registryServer)
        ? []
        : [
            {
              server: registryServer
              identity: identityId
            }
          ]
      secrets: inAzure
        ? []
        : [
            {
              name: 'store'
              identity: identityId
              keyVaultUrl: storeSecretUrl
            }
          ]
    }
    template: {
      // A silo stops within 30 seconds.
      terminationGracePeriodSeconds: 40
      containers: [
        {
          name: 'silo'
          image: image
          resources: {
            cpu: json('1.0')
            memory: '2Gi'
          }
          probes: probes
          env: concat(store, [
            {
              name: 'Granary__Role'
              value: 'silo'
            }
            {
              name: 'Granary__Url'
              value: 'http://0.0.0.0:${httpPort}'
            }
            {
              name: 'Granary__Cluster'
              value: 'azure'
            }
            {
              name: 'Granary__ClusterConnectionString'
              value: tablesEndpoint
            }
            {
              name: 'Granary__AdvertisedAddress'
              value: address
            }
            {
              name: 'Granary__ListenAddress'
              value: '0.0.0.0'
            }
            {
              name: 'Granary__SiloPort'
              value: string(siloPort)
            }
            {
              name: 'Granary__GatewayPort'
              value: string(gatewayPort)
            }
            // Which of the identities DefaultAzureCredential takes.
            {
              name: 'AZURE_CLIENT_ID'
              value: identityClientId
            }
          ])
        }
      ]
      scale: {
        minReplicas: 1
        maxReplicas: 1
      }
    }
  }
}
