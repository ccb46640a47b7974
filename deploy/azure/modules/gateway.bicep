// The gateways: the API of the cluster, over HTTPS, in the network.

import { httpPort, probes } from 'probes.bicep'

param name string
param location string
param environmentId string
param domain string
param allowedHosts string
param replicasMin int
param replicasMax int
param image string
param registryServer string
param identityId string
param identityClientId string
param tablesEndpoint string

var host = '${name}.${domain}'

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
      ingress: {
        external: true
        transport: 'http'
        targetPort: httpPort
        allowInsecure: false
      }
      registries: empty(registryServer)
        ? []
        : [
            {
              server: registryServer
              identity: identityId
            }
          ]
    }
    template: {
      terminationGracePeriodSeconds: 45
      containers: [
        {
          name: 'gateway'
          image: image
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          probes: probes
          env: [
            {
              name: 'Granary__Role'
              value: 'gateway'
            }
            {
              name: 'Granary__Url'
              value: 'http://0.0.0.0:${httpPort}'
            }
            {
              name: 'AllowedHosts'
              value: empty(allowedHosts) ? host : '${host};${allowedHosts}'
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
              name: 'AZURE_CLIENT_ID'
              value: identityClientId
            }
          ]
        }
      ]
      scale: {
        minReplicas: replicasMin
        maxReplicas: replicasMax
        rules: [
          {
            name: 'requests'
            http: {
              metadata: {
                concurrentRequests: '200'
              }
            }
          }
        ]
      }
    }
  }
}

output host string = app.properties.configuration.ingress.fqdn
