package main

// The part of Grafana's dashboard model that is used here, of schema version 37
// (Grafana 9.3); newer ones read it too.
type (
	dashboard struct {
		UID           string      `json:"uid"`
		Title         string      `json:"title"`
		Description   string      `json:"description"`
		Tags          []string    `json:"tags"`
		Timezone      string      `json:"timezone"`
		Time          span        `json:"time"`
		Refresh       string      `json:"refresh"`
		GraphTooltip  int         `json:"graphTooltip"`
		SchemaVersion int         `json:"schemaVersion"`
		Editable      bool        `json:"editable"`
		Links         []boardLink `json:"links"`
		Templating    templating  `json:"templating"`
		Annotations   annotations `json:"annotations"`
		Panels        []panel     `json:"panels"`
	}
	span struct {
		From string `json:"from"`
		To   string `json:"to"`
	}
	boardLink struct {
		Type        string   `json:"type"`
		Title       string   `json:"title"`
		Tags        []string `json:"tags"`
		URL         string   `json:"url"`
		Icon        string   `json:"icon"`
		Tooltip     string   `json:"tooltip"`
		AsDropdown  bool     `json:"asDropdown"`
		IncludeVars bool     `json:"includeVars"`
		KeepTime    bool     `json:"keepTime"`
		TargetBlank bool     `json:"targetBlank"`
	}
	templating struct {
		List []variable `json:"list"`
	}
	variable struct {
		Type        string         `json:"type"`
		Name        string         `json:"name"`
		Label       string         `json:"label,omitempty"`
		Description string         `json:"description"`
		Hide        int            `json:"hide"`
		SkipURLSync bool           `json:"skipUrlSync"`
		Query       any            `json:"query"`
		Datasource  *datasource    `json:"datasource,omitempty"`
		Regex       string         `json:"regex,omitempty"`
		Refresh     int            `json:"refresh,omitempty"`
		Sort        int            `json:"sort,omitempty"`
		Multi       bool           `json:"multi"`
		IncludeAll  bool           `json:"includeAll"`
		AllValue    string         `json:"allValue,omitempty"`
		Current     map[string]any `json:"current"`
		Options     []any          `json:"options"`
	}
	annotations struct {
		List []annotation `json:"list"`
	}
	annotation struct {
		Name        string     `json:"name"`
		Datasource  datasource `json:"datasource"`
		Enable      bool       `json:"enable"`
		Hide        bool       `json:"hide"`
		IconColor   string     `json:"iconColor"`
		Expr        string     `json:"expr"`
		Step        string     `json:"step"`
		TitleFormat string     `json:"titleFormat"`
		TextFormat  string     `json:"textFormat"`
		TagKeys     string     `json:"tagKeys"`
	}

	panel struct {
		ID              int              `json:"id"`
		Type            string           `json:"type"`
		Title           string           `json:"title"`
		Description     string           `json:"description,omitempty"`
		GridPos         gridPos          `json:"gridPos"`
		Collapsed       *bool            `json:"collapsed,omitempty"` // of a row
		Datasource      *datasource      `json:"datasource,omitempty"`
		Targets         []target         `json:"targets,omitempty"`
		FieldConfig     *fieldConfig     `json:"fieldConfig,omitempty"`
		Options         map[string]any   `json:"options,omitempty"`
		Transformations []transformation `json:"transformations,omitempty"`
		Panels          []panel          `json:"panels,omitempty"`

		incidents []string // of the rules: alerts of these link here
	}
	gridPos struct {
		H int `json:"h"`
		W int `json:"w"`
		X int `json:"x"`
		Y int `json:"y"`
	}
	target struct {
		RefID        string     `json:"refId"`
		Datasource   datasource `json:"datasource"`
		Expr         string     `json:"expr"`
		LegendFormat string     `json:"legendFormat,omitempty"`
		Format       string     `json:"format,omitempty"`
		Instant      bool       `json:"instant"`
		Range        bool       `json:"range"`
		EditorMode   string     `json:"editorMode"`
	}
	fieldConfig struct {
		Defaults  field      `json:"defaults"`
		Overrides []override `json:"overrides"`
	}
	field struct {
		Unit       string         `json:"unit,omitempty"`
		Decimals   *int           `json:"decimals,omitempty"`
		Min        *float64       `json:"min,omitempty"`
		NoValue    string         `json:"noValue,omitempty"`
		Color      map[string]any `json:"color,omitempty"`
		Thresholds *thresholds    `json:"thresholds,omitempty"`
		Custom     map[string]any `json:"custom,omitempty"`
	}
	thresholds struct {
		Mode  string `json:"mode"`
		Steps []mark `json:"steps"`
	}
	mark struct {
		Color string   `json:"color"`
		Value *float64 `json:"value"` // the first step has none
	}
	override struct {
		Matcher    matcher    `json:"matcher"`
		Properties []property `json:"properties"`
	}
	matcher struct {
		ID      string `json:"id"`
		Options any    `json:"options"`
	}
	property struct {
		ID    string `json:"id"`
		Value any    `json:"value"`
	}
	dataLink struct {
		Title       string `json:"title"`
		URL         string `json:"url"`
		TargetBlank bool   `json:"targetBlank"`
	}
	transformation struct {
		ID      string         `json:"id"`
		Options map[string]any `json:"options"`
	}
)
