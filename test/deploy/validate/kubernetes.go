package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/open-telemetry/opentelemetry-operator/apis/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

var kinds = map[string]func() any{
	"v1 ConfigMap":       func() any { return &corev1.ConfigMap{} },
	"v1 Namespace":       func() any { return &corev1.Namespace{} },
	"apps/v1 Deployment": func() any { return &appsv1.Deployment{} },
	"opentelemetry.io/v1alpha1 Instrumentation": func() any { return &v1alpha1.Instrumentation{} },
}

// readKubernetes decodes each document into its kind's type; a field that the type doesn't have is an error.
func readKubernetes(path string) (any, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	objects := []any{}
	configMaps := map[string]bool{}
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		object, err := decode(document)
		if err != nil {
			return nil, err
		}
		if configMap, ok := object.(*corev1.ConfigMap); ok {
			configMaps[configMap.Name] = true
		}
		objects = append(objects, object)
	}
	for _, object := range objects {
		if deployment, ok := object.(*appsv1.Deployment); ok {
			if err := checkDeployment(deployment, configMaps); err != nil {
				return nil, err
			}
		}
	}
	return objects, nil
}

func decode(document []byte) (any, error) {
	var meta struct {
		metav1.TypeMeta
		Metadata metav1.ObjectMeta `json:"metadata"`
	}
	if err := yaml.Unmarshal(document, &meta); err != nil {
		return nil, err
	}
	create, known := kinds[meta.APIVersion+" "+meta.Kind]
	if !known {
		return nil, fmt.Errorf("unknown kind %s %s", meta.APIVersion, meta.Kind)
	}
	for _, message := range validation.IsDNS1123Subdomain(meta.Metadata.Name) {
		return nil, fmt.Errorf("metadata.name: %s", message)
	}
	object := create()
	return object, yaml.UnmarshalStrict(document, object)
}

// checkDeployment holds what the API server checks beyond the types, as far as it concerns these files: names that
// refer to something in the same file.
func checkDeployment(deployment *appsv1.Deployment, configMaps map[string]bool) error {
	labels := deployment.Spec.Template.Labels
	for name, value := range deployment.Spec.Selector.MatchLabels {
		if labels[name] != value {
			return fmt.Errorf("the selector's %s=%s is no label of the template", name, value)
		}
	}
	pod := deployment.Spec.Template.Spec
	volumes := map[string]bool{}
	for _, volume := range pod.Volumes {
		volumes[volume.Name] = true
		if volume.ConfigMap != nil && !configMaps[volume.ConfigMap.Name] {
			return fmt.Errorf("volume %s: no ConfigMap %s", volume.Name, volume.ConfigMap.Name)
		}
	}
	for _, container := range append(pod.InitContainers, pod.Containers...) {
		if err := checkContainer(container, volumes); err != nil {
			return fmt.Errorf("container %s: %w", container.Name, err)
		}
	}
	return nil
}

func checkContainer(container corev1.Container, volumes map[string]bool) error {
	for _, message := range validation.IsDNS1123Label(container.Name) {
		return errors.New(message)
	}
	if container.Image == "" {
		return errors.New("no image")
	}
	for _, mount := range container.VolumeMounts {
		if !volumes[mount.Name] {
			return fmt.Errorf("no volume %s", mount.Name)
		}
	}
	ports := map[string]bool{}
	for _, port := range container.Ports {
		for _, message := range validation.IsValidPortName(port.Name) {
			return fmt.Errorf("port %s: %s", port.Name, message)
		}
		ports[port.Name] = true
	}
	for _, probe := range []*corev1.Probe{container.LivenessProbe, container.ReadinessProbe, container.StartupProbe} {
		if probe != nil && probe.HTTPGet != nil && probe.HTTPGet.Port.StrVal != "" && !ports[probe.HTTPGet.Port.StrVal] {
			return fmt.Errorf("no port %s", probe.HTTPGet.Port.StrVal)
		}
	}
	for _, variable := range container.Env {
		for _, message := range validation.IsEnvVarName(variable.Name) {
			return fmt.Errorf("variable %s: %s", variable.Name, message)
		}
	}
	limits := container.Resources.Limits
	for name, request := range container.Resources.Requests {
		if limit, ok := limits[name]; ok && request.Cmp(limit) > 0 {
			return fmt.Errorf("it requests more %s than its limit", name)
		}
	}
	return nil
}
