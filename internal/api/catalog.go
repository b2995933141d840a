package api

import "almanac/internal/catalog"

func newCatalog(d Deps) *catalog.Catalog {
	return catalog.New(d.Store, d.Now, d.MaxProjects)
}

const (
	projectsPath = "/v1/projects"
	projectPath  = projectsPath + "/{projectId}"
	servicesPath = projectPath + "/services"
	servicePath  = servicesPath + "/{serviceSlug}"
)
