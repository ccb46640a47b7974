{{/* One of the two deployments: root, component (silo or gateway) and its values. */}}
{{- define "granary.deployment" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $own := .own -}}
{{- $isSilo := eq .component "silo" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "granary.fullname" $root }}-{{ .component }}
  labels:
    {{- include "granary.labels" . | nindent 4 }}
spec:
  {{- if not $own.autoscaling.enabled }}
  replicas: {{ $own.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  # A new pod is ready before an old one stops.
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  minReadySeconds: 5
  selector:
    matchLabels:
      {{- include "granary.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "granary.labels" . | nindent 8 }}
        {{- if $isSilo }}
        # Orleans finds the pods of its cluster by these two. A gateway does not have them, since it is no silo.
        orleans/serviceId: {{ $values.cluster.serviceId | quote }}
        orleans/clusterId: {{ $values.cluster.id | quote }}
        {{- end }}
        {{- with $own.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        # The pods are replaced when the chart's own secret changes.
        checksum/connections: {{ include "granary.connections" $root | sha256sum }}
        {{- with $own.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- with $values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      serviceAccountName: {{ include "granary.fullname" $root }}-{{ .component }}
      # Only a silo calls the API of Kubernetes.
      automountServiceAccountToken: {{ $isSilo }}
      enableServiceLinks: false
      {{- with $own.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      terminationGracePeriodSeconds: {{ $own.terminationGracePeriodSeconds }}
      securityContext:
        runAsNonRoot: true
        {{- with $values.runAsUser }}
        runAsUser: {{ int . }}
        runAsGroup: {{ int . }}
        fsGroup: {{ int . }}
        {{- end }}
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: {{ .component }}
          image: "{{ $values.image.repository }}:{{ default $root.Chart.AppVersion $values.image.tag }}"
          imagePullPolicy: {{ $values.image.pullPolicy }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop:
                - ALL
          env:
            {{- include "granary.env" . | nindent 12 }}
          ports:
            - name: http
              containerPort: 5210
            {{- if $isSilo }}
            - name: silo
              containerPort: 11210
            - name: gateway
              containerPort: 30210
            {{- end }}
          # Nothing is answered before the start is complete. That of a gateway waits for a silo.
          startupProbe:
            httpGet:
              path: /health/live
              port: http
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: {{ div (add (int $own.startupSeconds) 1) 2 }}
          livenessProbe:
            httpGet:
              path: /health/live
              port: http
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          # It reads the store, for up to 5 seconds.
          readinessProbe:
            httpGet:
              path: /health/ready
              port: http
            periodSeconds: 5
            timeoutSeconds: 6
            failureThreshold: 2
          {{- if not $isSilo }}
          # Requests still come until every proxy and load balancer has noticed that the pod stops.
          lifecycle:
            preStop:
              sleep:
                seconds: {{ $own.preStopSeconds }}
          {{- end }}
          resources:
            {{- toYaml $own.resources | nindent 12 }}
          volumeMounts:
            - name: tmp
              mountPath: /tmp
            {{- if $values.tls.existingSecret }}
            - name: certificates
              mountPath: /certs
              readOnly: true
            {{- end }}
      volumes:
        - name: tmp
          emptyDir:
            sizeLimit: 64Mi
        {{- with $values.tls.existingSecret }}
        - name: certificates
          secret:
            secretName: {{ . }}
            defaultMode: 0440
        {{- end }}
      topologySpreadConstraints:
        {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ $key }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "granary.selector" $ | nindent 14 }}
          matchLabelKeys:
            - pod-template-hash
        {{- end }}
      {{- with $own.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}

{{- define "granary.env" -}}
{{- $values := .root.Values -}}
{{- $isSilo := eq .component "silo" -}}
- name: Granary__Role
  value: {{ .component }}
- name: Granary__Url
  value: http://0.0.0.0:5210
# The base image sets it for all web applications; the setting above decides alone.
- name: ASPNETCORE_HTTP_PORTS
  value: ""
- name: Granary__Cluster
  value: {{ $values.cluster.kind }}
- name: Granary__ClusterId
  value: {{ $values.cluster.id | quote }}
- name: Granary__ServiceId
  value: {{ $values.cluster.serviceId | quote }}
- name: Granary__ClusterConnectionString
  valueFrom:
    secretKeyRef:
      {{- include "granary.clusterSecret" .root | nindent 6 }}
{{- if $isSilo }}
- name: Granary__Store
  value: postgres
- name: Granary__Postgres__ConnectionString
  valueFrom:
    secretKeyRef:
      {{- include "granary.storeSecret" .root | nindent 6 }}
- name: Granary__SiloPort
  value: "11210"
- name: Granary__GatewayPort
  value: "30210"
- name: Granary__Kubernetes
  value: "true"
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
{{- else }}
{{- $service := printf "%s-gateway" (include "granary.fullname" .root) }}
{{- $namespaced := printf "%s.%s" $service .root.Release.Namespace }}
{{- $names := list $service $namespaced (printf "%s.svc" $namespaced) (printf "%s.svc.cluster.local" $namespaced) }}
- name: AllowedHosts
  value: {{ concat $names $values.allowedHosts | join ";" | quote }}
{{- end }}
{{- if $values.tls.existingSecret }}
- name: Granary__Tls__CertificatePath
  value: /certs/tls.crt
- name: Granary__Tls__KeyPath
  value: /certs/tls.key
- name: Granary__Tls__TrustedPath
  value: /certs/ca.crt
{{- end }}
{{- range $name, $value := merge (dict) .own.settings $values.settings }}
- name: Granary__{{ $name }}
  value: {{ include "granary.value" $value }}
{{- end }}
{{- with $values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}
