// The health of a process, for silos and gateways alike. Nothing is answered before the start is complete, and that of
// a gateway waits for a silo.

@export()
var httpPort = 5210

@export()
var probes = [
  {
    type: 'Startup'
    httpGet: {
      path: '/health/live'
      port: httpPort
    }
    periodSeconds: 10
    timeoutSeconds: 2
    failureThreshold: 60
  }
  {
    type: 'Liveness'
    httpGet: {
      path: '/health/live'
      port: httpPort
    }
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  }
  // It reads the store, for up to 5 seconds.
  {
    type: 'Readiness'
    httpGet: {
      path: '/health/ready'
      port: httpPort
    }
    periodSeconds: 5
    timeoutSeconds: 6
    failureThreshold: 2
  }
]
