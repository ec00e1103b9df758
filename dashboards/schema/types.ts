// What a dashboard's JSON may hold by Grafana's own types. All of it is optional, as
// older versions of Grafana know less; a key or a word that Grafana does not know is an error.
import type { Dashboard, FieldConfigSource, Panel, RowPanel } from '@grafana/schema';
import type { Options as BarGauge } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type { Options as StateTimeline, FieldConfig as StateTimelineField } from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type { Options as Stat } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as Table, FieldConfig as TableField } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { Options as TimeSeries, FieldConfig as TimeSeriesField } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// An enum of words is written as one of the words.
type Plain<T> = unknown extends T ? T
  : T extends string ? `${T}`
  : T extends number | boolean | null | undefined ? T
  : T extends (infer U)[] ? Plain<U>[]
  : T extends object ? { [K in keyof T]?: Plain<T[K]> }
  : T;

// Prometheus's data source has no types in the package.
type Query = {
  refId: string; datasource: { type: 'prometheus'; uid: string }; expr: string; legendFormat?: string;
  format?: 'time_series' | 'table' | 'heatmap'; instant: boolean; range: boolean; editorMode: 'code' | 'builder';
};
type Annotation = { expr: string; step: string; titleFormat: string; textFormat: string; tagKeys: string };

type Of<Kind extends string, Options, Field> = Plain<Omit<Panel, 'type' | 'targets' | 'options' | 'fieldConfig'>> & {
  type: Kind; title: string; targets: Query[]; options: Plain<Options>;
  fieldConfig: Plain<Omit<FieldConfigSource, 'defaults'>> & { defaults: Plain<Omit<FieldConfigSource['defaults'], 'custom'>> & { custom?: Plain<Field> } };
};
// Nor has Grafana's list of alerts.
type AlertList = {
  viewMode: 'list' | 'stat'; groupMode: 'default' | 'custom'; groupBy: string[]; sortOrder: 1 | 2 | 3 | 4 | 5; maxItems: number;
  alertName: string; alertInstanceLabelFilter: string; dashboardAlerts: boolean; showInstances: boolean;
  stateFilter: { firing: boolean; pending: boolean; noData: boolean; normal: boolean; error: boolean };
};
type AnyPanel =
  | (Plain<Omit<Panel, 'type' | 'options'>> & { type: 'alertlist'; title: string; options: AlertList })
  | Of<'stat', Stat, {}> | Of<'bargauge', BarGauge, {}> | Of<'timeseries', TimeSeries, TimeSeriesField>
  | Of<'state-timeline', StateTimeline, StateTimelineField> | Of<'table', Table, TableField>
  | (Plain<Omit<RowPanel, 'type'>> & { type: 'row'; title: string });

export type DashboardFile = Plain<Omit<Dashboard, 'panels' | 'annotations'>> & {
  title: string; uid: string; panels: AnyPanel[];
  annotations: { list: (Plain<NonNullable<NonNullable<Dashboard['annotations']>['list']>[number]> & Annotation)[] };
};
