package dashboards

// promtoolTests is a test file of "promtool test rules", as far as it is read here.
type promtoolTests struct {
	RuleFiles          []string `yaml:"rule_files"`
	GroupEvalOrder     []string `yaml:"group_eval_order,omitempty"`
	EvaluationInterval string   `yaml:"evaluation_interval"`
	Tests              []struct {
		Name, Interval string
		InputSeries    any                `yaml:"input_series"`
		PromqlExprTest []promtoolQuestion `yaml:"promql_expr_test"`
		AlertRuleTest  []struct {
			EvalTime  string `yaml:"eval_time"`
			Alertname string
			ExpAlerts []struct {
				ExpLabels      map[string]string `yaml:"exp_labels"`
				ExpAnnotations map[string]string `yaml:"exp_annotations"`
			} `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test,omitempty"`
	}
}

type promtoolQuestion struct {
	Expr       string
	EvalTime   string           `yaml:"eval_time"`
	ExpSamples []promtoolSample `yaml:"exp_samples"`
}

type promtoolSample struct {
	Labels string
	Value  float64
}
