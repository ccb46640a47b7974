// One network: the apps, and the database where there is one, in subnets of their own.

param name string
param location string

@description('A private range; the subnets are its first two 23rds and 24ths.')
param addressPrefix string

@description('Whether there is a PostgreSQL server in it.')
param hasDatabase bool

var databaseZoneName = '${name}.private.postgres.database.azure.com'

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  properties: {
    addressSpace: {
      addressPrefixes: [addressPrefix]
    }
    subnets: concat(
      [
        {
          name: 'apps'
          properties: {
            addressPrefix: cidrSubnet(addressPrefix, 23, 0)
            delegations: [
              {
                name: 'apps'
                properties: {
                  serviceName: 'Microsoft.App/environments'
                }
              }
            ]
            // The storage account lets in this subnet alone.
            serviceEndpoints: [
              {
                service: 'Microsoft.Storage'
              }
            ]
          }
        }
      ],
      hasDatabase
        ? [
          {
            name: 'database'
            properties: {
              addressPrefix: cidrSubnet(addressPrefix, 24, 2)
              delegations: [
                {
                  name: 'database'
                  properties: {
                    serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers'
                  }
                }
              ]
            }
          }
          ]
        : []
    )
  }

  resource apps 'subnets' existing = {
    name: 'apps'
  }

  resource database 'subnets' existing = {
    name: 'database'
  }
}

// The name of the database server is known in the network alone.
resource databaseZone 'Microsoft.Network/privateDnsZones@2024-06-01' = if (hasDatabase) {
  name: databaseZoneName
  location: 'global'

  resource link 'virtualNetworkLinks' = {
    name: name
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: network.id
      }
    }
  }
}

output networkId string = network.id
output appsSubnetId string = network::apps.id
output databaseSubnetId string = hasDatabase ? network::database.id : ''
output databaseZoneId string = hasDatabase ? databaseZone.id : ''
