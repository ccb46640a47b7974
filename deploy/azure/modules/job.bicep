// Creates the role and the database of the log. It runs in the network, where the server is reached; started by hand.

param name string
param location string
param environmentId string
param identityId string
param vaultUri string
param databaseHost string
param administrator string
param image string

resource job 'Microsoft.App/jobs@2025-07-01' = {
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
      triggerType: 'Manual'
      manualTriggerConfig: {
        parallelism: 1
        replicaCompletionCount: 1
      }
      replicaRetryLimit: 1
      replicaTimeout: 300
      secrets: [
        {
          name: 'administrator-password'
          identity: identityId
          keyVaultUrl: '${vaultUri}secrets/postgres-administrator-password'
        }
        {
          name: 'granary-password'
          identity: identityId
          keyVaultUrl: '${vaultUri}secrets/postgres-granary-password'
        }
      ]
    }
    template: {
      containers: [
        {
          name: 'psql'
          image: image
          command: ['sh', '-c', loadTextContent('../database.sh')]
          resources: {
            cpu: json('0.25')
            memory: '0.5Gi'
          }
          env: [
            {
              name: 'PGHOST'
              value: databaseHost
            }
            {
              name: 'PGUSER'
              value: administrator
            }
            {
              name: 'PGDATABASE'
              value: 'postgres'
            }
            {
              name: 'PGSSLMODE'
              value: 'require'
            }
            {
              name: 'PGPASSWORD'
              secretRef: 'administrator-password'
            }
            {
              name: 'GRANARY_PASSWORD'
              secretRef: 'granary-password'
            }
          ]
        }
      ]
    }
  }
}

output name string = job.name
