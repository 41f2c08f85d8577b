// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.spi.RestConfiguration;

/** What routes of all files share, as it was when this was made: route configurations, templates, beans, REST, error handler. */
final class Definitions {

    private final ModelCamelContext context;
    private final Model model;
    private final List<RouteConfigurationDefinition> configurations;
    private final List<RouteTemplateDefinition> templates;
    private final List<BeanFactoryDefinition<?>> beans;
    private final Map<String, Object> instances = new HashMap<>();
    private final RestConfiguration rest;
    private final ErrorHandlerFactory errorHandler;

    Definitions(ModelCamelContext context) {
        this.context = context;
        model = context.getCamelContextExtension().getContextPlugin(Model.class);
        configurations = List.copyOf(model.getRouteConfigurationDefinitions());
        templates = List.copyOf(model.getRouteTemplateDefinitions());
        beans = List.copyOf(model.getCustomBeans());
        beans.forEach(
                bean -> instances.put(bean.getName(), context.getRegistry().lookupByName(bean.getName())));
        rest = context.getRestConfiguration();
        errorHandler = context.getCamelContextExtension().getErrorHandlerFactory();
    }

    /** Makes room for the files to declare everything anew; beans stay until they are declared again. */
    void replaceBy(RestConfiguration defaults, ErrorHandlerFactory defaultErrorHandler) {
        model.getRouteConfigurationDefinitions().clear();
        model.getRouteTemplateDefinitions().clear();
        context.setRestConfiguration(defaults);
        context.getCamelContextExtension().setErrorHandlerFactory(defaultErrorHandler);
    }

    void dropStaleBeans() {
        for (BeanFactoryDefinition<?> bean : beans) {
            if (model.getCustomBeans().remove(bean)) {
                context.getRegistry().unbind(bean.getName());
            }
        }
    }

    void restore() {
        replaceAll(model.getRouteConfigurationDefinitions(), configurations);
        replaceAll(model.getRouteTemplateDefinitions(), templates);
        context.setRestConfiguration(rest);
        context.getCamelContextExtension().setErrorHandlerFactory(errorHandler);
        for (BeanFactoryDefinition<?> bean : List.copyOf(model.getCustomBeans())) {
            if (!beans.contains(bean)) {
                context.getRegistry().unbind(bean.getName());
            }
        }
        for (BeanFactoryDefinition<?> bean : beans) {
            if (!model.getCustomBeans().contains(bean)) {
                context.getRegistry().bind(bean.getName(), instances.get(bean.getName()));
            }
        }
        replaceAll(model.getCustomBeans(), beans);
    }

    private static <T> void replaceAll(List<T> list, List<T> by) {
        list.clear();
        list.addAll(by);
    }
}
