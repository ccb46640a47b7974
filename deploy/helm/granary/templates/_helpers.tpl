{{- define "granary.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 50 characters: the longest suffix has 13, and a name of Kubernetes 63. */}}
{{- define "granary.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "granary.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "granary.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods of a component: never changed, since a Deployment's selector cannot be. */}}
{{- define "granary.selector" -}}
app.kubernetes.io/name: {{ include "granary.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "granary.labels" -}}
{{ include "granary.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: granary
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* A number of a values file is a float, which is printed as 1e+06 from a million on. */}}
{{- define "granary.value" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}
{{- int64 . | toString | quote -}}
{{- else -}}
{{- toString . | quote -}}
{{- end -}}
{{- end -}}

{{/* The name and the key of the secret that has the connection string of the log. */}}
{{- define "granary.storeSecret" -}}
{{- if .Values.store.existingSecret.name -}}
name: {{ .Values.store.existingSecret.name }}
key: {{ .Values.store.existingSecret.key }}
{{- else -}}
name: {{ include "granary.fullname" . }}
key: store
{{- end -}}
{{- end -}}

{{/* The same of the cluster: with postgres and nothing set, it is the database of the log. */}}
{{- define "granary.clusterSecret" -}}
{{- if .Values.cluster.existingSecret.name -}}
name: {{ .Values.cluster.existingSecret.name }}
key: {{ .Values.cluster.existingSecret.key }}
{{- else if .Values.cluster.connectionString -}}
name: {{ include "granary.fullname" . }}
key: cluster
{{- else -}}
{{ include "granary.storeSecret" . }}
{{- end -}}
{{- end -}}

{{/* What the schema cannot say. */}}
{{- define "granary.check" -}}
{{- $store := .Values.store -}}
{{- if and $store.connectionString $store.existingSecret.name -}}
{{- fail "store.connectionString and store.existingSecret.name are both set: remove one." -}}
{{- end -}}
{{- if not (or $store.connectionString $store.existingSecret.name) -}}
{{- fail "The log needs a PostgreSQL database: set store.existingSecret.name, or store.connectionString." -}}
{{- end -}}
{{- $cluster := .Values.cluster -}}
{{- if and $cluster.connectionString $cluster.existingSecret.name -}}
{{- fail "cluster.connectionString and cluster.existingSecret.name are both set: remove one." -}}
{{- end -}}
{{- if and (ne $cluster.kind "postgres") (not (or $cluster.connectionString $cluster.existingSecret.name)) -}}
{{- fail (printf "cluster.kind is %s: set cluster.existingSecret.name, or cluster.connectionString." $cluster.kind) -}}
{{- end -}}
{{- $gateway := .Values.gateway -}}
{{- if lt (int $gateway.terminationGracePeriodSeconds) (add (int $gateway.preStopSeconds) 30) -}}
{{- fail "gateway.terminationGracePeriodSeconds is too short: a stop takes preStopSeconds and up to 30 seconds." -}}
{{- end -}}
{{- end -}}
