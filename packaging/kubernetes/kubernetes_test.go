// Package kubernetes has manifests only, and the test that builds and reads them
// with the libraries of those who run them. It is a module of its own, as these
// are large.
package kubernetes

import (
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// manifests are what the kustomization gives.
type manifests struct {
	postfix apps.StatefulSet
	monitor monitoring.PodMonitor
	rules   monitoring.PrometheusRule
}

// build builds the kustomization as `kubectl kustomize` does, and decodes each
// manifest strictly: an unknown key, or one that is there twice, is an error.
func build(t *testing.T) (m manifests) {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), ".")
	if err != nil {
		t.Fatal(err)
	}
	into := map[string]any{"apps/v1 StatefulSet": &m.postfix, "monitoring.coreos.com/v1 PodMonitor": &m.monitor, "monitoring.coreos.com/v1 PrometheusRule": &m.rules}
	for _, resource := range built.Resources() {
		kind := resource.GetApiVersion() + " " + resource.GetKind()
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		if into[kind] == nil {
			t.Fatalf("%s is unknown here, or there twice", kind)
		}
		if err := yaml.UnmarshalStrict(text, into[kind]); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		delete(into, kind)
	}
	if len(into) > 0 {
		t.Fatalf("left out: %v", into)
	}
	return m
}

// TestManifests wants what the parts say of each other to hold.
func TestManifests(t *testing.T) {
	m := build(t)
	pod := m.postfix.Spec.Template
	for _, selector := range []map[string]string{m.postfix.Spec.Selector.MatchLabels, m.monitor.Spec.Selector.MatchLabels} {
		for key, value := range selector {
			if pod.Labels[key] != value {
				t.Errorf("%s=%s selects no pod", key, value)
			}
		}
	}
	if len(pod.Spec.Containers) != 2 {
		t.Fatalf("%d containers", len(pod.Spec.Containers))
	}
	postfix, exporter := pod.Spec.Containers[0], pod.Spec.Containers[1]
	if exporter.Image != "registry.example/postfix_exporter:latest" {
		t.Errorf("the exporter's image is %s: the kustomization does not reach it", exporter.Image)
	}
	port := m.monitor.Spec.PodMetricsEndpoints[0].Port
	if port == nil || len(exporter.Ports) != 1 || *port != exporter.Ports[0].Name {
		t.Errorf("the monitor's port is not one of %v", exporter.Ports)
	}
	if probe := exporter.ReadinessProbe; probe != nil {
		t.Errorf("an exporter that is not ready takes the mail from Postfix: %v", probe)
	}
	if len(m.rules.Spec.Groups) < 5 {
		t.Errorf("%d groups of rules", len(m.rules.Spec.Groups))
	}
	mounts(t, m.postfix.Spec, postfix, exporter)
	confined(t, exporter.SecurityContext)
}

// mounts wants a volume for each mount, and the exporter to see Postfix's own
// files, at the same paths, and to write none of them.
func mounts(t *testing.T, set apps.StatefulSetSpec, postfix, exporter core.Container) {
	t.Helper()
	volumes := map[string]bool{}
	for _, v := range set.Template.Spec.Volumes {
		volumes[v.Name] = true
	}
	for _, v := range set.VolumeClaimTemplates {
		volumes[v.Name] = true
	}
	paths := map[string]string{}
	for _, mount := range postfix.VolumeMounts {
		paths[mount.Name] = mount.MountPath
	}
	shared := 0
	for _, mount := range append(exporter.VolumeMounts, postfix.VolumeMounts...) {
		if !volumes[mount.Name] {
			t.Errorf("there is no volume %s", mount.Name)
		}
	}
	for _, mount := range exporter.VolumeMounts {
		path, both := paths[mount.Name]
		if both != mount.ReadOnly {
			t.Errorf("%s can be written: %v", mount.Name, !mount.ReadOnly)
		}
		if both && path != mount.MountPath {
			t.Errorf("%s is at %s for Postfix, at %s for the exporter", mount.Name, path, mount.MountPath)
		}
		if both {
			shared++
		}
	}
	if shared != 3 {
		t.Errorf("the exporter sees %d volumes of Postfix, want configuration, queue and log", shared)
	}
}

// confined wants the exporter to have no more rights than its unit gives it.
func confined(t *testing.T, c *core.SecurityContext) {
	t.Helper()
	if c == nil || c.RunAsNonRoot == nil || c.RunAsUser == nil || c.ReadOnlyRootFilesystem == nil || c.AllowPrivilegeEscalation == nil ||
		c.Capabilities == nil || c.SeccompProfile == nil {
		t.Fatalf("the exporter is not confined: %v", c)
	}
	if !*c.RunAsNonRoot || *c.RunAsUser == 0 || !*c.ReadOnlyRootFilesystem || *c.AllowPrivilegeEscalation || len(c.Capabilities.Add) > 0 ||
		len(c.Capabilities.Drop) != 1 || c.Capabilities.Drop[0] != "ALL" || c.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
		t.Errorf("the exporter may too much: %v", c)
	}
}
